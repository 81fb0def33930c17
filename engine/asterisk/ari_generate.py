"""Write ``ari_models.py`` and ``ari_operations.py`` from Asterisk's own description of ARI.

``python -m engine.asterisk.ari_generate REST_API_DIR models|operations > FILE``, where REST_API_DIR
is ``rest-api/`` in Asterisk's data directory (Swagger 1.x, one JSON file per resource).

The description is not always right, so the code made from it believes little: no field is needed
on the wire, whatever ``required`` says. And it says more than the server does: a ``defaultValue``
is not always applied there, so the generated code sends it.
"""

from __future__ import annotations

import json
import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

type_of_scalar = {
    "string": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "Date": "float",
    "object": "Json",
}
zero_of_scalar = {"str": '""', "int": "0", "float": "0.0", "bool": "False"}

MODELS_HEAD = '''\
"""ARI's models and events as frozen dataclasses. Made by ``ari_generate.py``: do not edit.

A field that the description requires but the wire lacks is empty ("", 0, an empty model); an
optional one is None. Dates are seconds since the epoch. Every event keeps what was received in
``raw``, so a field or an event type newer than this file is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


def parse_date(text: str | None) -> float:
    """Seconds since the epoch of '2026-01-31T08:15:00.123+0700'; 0.0 for what is not a date."""
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return 0.0
'''

MODELS_TAIL = '''
def parse_event(received: Json) -> Event:
    """The event in one JSON object from the websocket; a plain ``Event`` for an unknown type."""
    return _PARSERS.get(received.get("type", ""), Event.parse)(received)
'''

OPERATIONS_HEAD = '''\
"""ARI's operations as typed methods. Made by ``ari_generate.py``: do not edit.

``Operations(send).channels.answer(channel_id)`` and so on; ``send`` does the HTTP and raises the
errors. Defaults of the description are sent, since Asterisk does not apply them all. Of twins that
differ only in where they take the new object's id, the one with the id in the query is here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from engine.asterisk import ari_models as models

Json = Mapping[str, Any]
Query = Mapping[str, str | int | bool | None]


class Send(Protocol):
    """How an operation reaches Asterisk: the decoded answer, or an error of ``engine.ports``.

    Query values that are None are not sent. ``originates``: the request makes a channel towards
    somebody, which takes longer and fails in its own ways.
    """

    async def __call__(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Json | None = None,
        *,
        originates: bool = False,
    ) -> Any: ...


def _path(value: str) -> str:
    return quote(value, safe="")
'''


def generate(rest_api: Path, what: str) -> str:
    """The text of ``ari_models.py`` ('models') or ``ari_operations.py`` ('operations')."""
    resources = [json.loads(path.read_text()) for path in sorted(rest_api.glob("*.json"))]
    write = {"models": _models, "operations": _operations}[what]
    return _formatted("\n".join(write(resources)))


def _formatted(code: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "-"]
    return subprocess.run(ruff, input=code, capture_output=True, text=True, check=True).stdout


# -- models ---------------------------------------------------------------------------------------


def _models(resources: list[dict[str, Any]]) -> Iterator[str]:
    models = _wanted(resources)
    events = models["Event"]["subTypes"]
    yield MODELS_HEAD
    written: set[str] = set()
    for name in models:
        yield from _model(name, models, written)
    yield "\n_PARSERS: Mapping[str, Callable[[Json], Event]] = {"
    yield from (f'"{name}": {name}.parse,' for name in events if name in models)
    yield "}\n"
    yield MODELS_TAIL


def _wanted(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """All models but those of commands over the websocket, and with ``Message`` folded into
    ``Event``: its only other kind, MissingParams, answers a websocket that names no application.
    """
    models = {
        name: model
        for resource in resources
        for name, model in resource.get("models", {}).items()
        if not name.startswith("REST") and name != "MissingParams"
    }
    models["Event"]["properties"] = (
        models.pop("Message")["properties"] | models["Event"]["properties"]
    )
    return models


def _model(name: str, models: dict[str, Any], written: set[str]) -> Iterator[str]:
    """The class ``name``, after the classes that its definition needs."""
    if name in written or name not in models:
        return
    written.add(name)
    own = {key: prop["type"] for key, prop in models[name]["properties"].items()}
    parent = "Event" if name in models["Event"]["subTypes"] else ""
    for needed in [parent, *(_item(kind) or kind for kind in own.values())]:
        yield from _model(needed, models, written)
    yield "\n\n@dataclass(frozen=True, slots=True)"
    yield f"class {name}({parent}):" if parent else f"class {name}:"
    yield _docstring(models[name].get("description") or f"ARI's {name}.", 4) + "\n"
    yield from (f"    {line}" for line in _declarations(name, models))
    yield "\n    @classmethod"
    yield f"    def parse(cls, received: Json) -> {name}:"
    yield "        return cls("
    yield from (f"        {_name(key)}={expr}," for key, expr in _parsing(name, models))
    yield "        )"


def _declarations(name: str, models: dict[str, Any]) -> Iterator[str]:
    for key, prop in models[name]["properties"].items():
        kind = _python_type(prop, models)
        yield f"{_name(key)}: {kind} = {_default(kind)}"
    if name == "Event":
        yield "raw: Json = field(default_factory=dict, repr=False)"


def _python_type(prop: dict[str, Any], models: dict[str, Any]) -> str:
    if item := _item(prop["type"]):
        return f"tuple[{type_of_scalar.get(item, item)}, ...]"
    kind = type_of_scalar.get(prop["type"], prop["type"])
    return kind if prop.get("required") or kind == "Json" else f"{kind} | None"


def _default(kind: str) -> str:
    if kind.endswith("| None"):
        return "None"
    if kind.startswith("tuple"):
        return "()"
    if kind == "Json":
        return "field(default_factory=dict)"
    return zero_of_scalar.get(kind) or f"{kind}()"


def _parsing(name: str, models: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field, inherited ones first, with the expression that takes it from ``received``."""
    if name in models["Event"]["subTypes"]:
        yield from _parsing("Event", models)
    for key, prop in models[name]["properties"].items():
        yield key, _expression(f'received.get("{key}")', _python_type(prop, models), prop["type"])
    if name == "Event":
        yield "raw", "received"


def _expression(value: str, kind: str, ari_type: str) -> str:
    """Python that turns ``value`` into ``kind``; a null counts as missing."""
    item = _item(ari_type)
    if item in type_of_scalar:
        return f"tuple({value} or ())"
    if item:
        return f"tuple({item}.parse(each) for each in {value} or ())"
    if ari_type == "Date":
        return f"parse_date({value})"
    if ari_type in type_of_scalar:
        return value if kind.endswith("| None") else f"{value} or {zero_of_scalar.get(kind, '{}')}"
    if kind.endswith("| None"):
        return f"{ari_type}.parse(sub) if (sub := {value}) else None"
    return f"{ari_type}.parse({value} or {{}})"


# -- operations -----------------------------------------------------------------------------------


def _operations(resources: list[dict[str, Any]]) -> Iterator[str]:
    yield OPERATIONS_HEAD
    named = {
        resource["resourcePath"].split("/")[2].split(".")[0]: resource
        for resource in resources
        if "resourcePath" in resource
    }
    for name, resource in named.items():
        yield from _resource(name, resource)
    yield "\n\nclass Operations:"
    yield '    """All operations, by resource; each goes out by ``send``."""\n'
    yield "    def __init__(self, send: Send) -> None:"
    for name in named:
        yield f"        self.{_snake(name)} = {_class(name)}(send)"


def _resource(name: str, resource: dict[str, Any]) -> Iterator[str]:
    yield f"\n\nclass {_class(name)}:"
    yield f'    """The operations under ``/{name}``."""\n'
    yield "    def __init__(self, send: Send) -> None:"
    yield "        self._send = send"
    for api in resource["apis"]:
        for operation in api["operations"]:
            if "upgrade" not in operation and not operation["nickname"].endswith("WithId"):
                yield from _operation(api["path"], operation)


def _operation(path: str, operation: dict[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    answer, wrap = _answer(operation["responseClass"])
    yield f"\n    async def {_snake(operation['nickname'])}({_signature(parameters)}) -> {answer}:"
    yield _docstring(_story(operation), 8)
    call = ", ".join(_call(path, operation, parameters))
    yield "        " + wrap.format(f"await self._send({call})")


def _signature(parameters: list[dict[str, Any]]) -> str:
    needed = [p for p in parameters if p.get("required") or p["paramType"] == "path"]
    optional = [p for p in parameters if p not in needed]
    parts = ["self", *(f"{_name(p['name'])}: {_argument(p)}" for p in needed)]
    if optional:
        parts.append("*")
    for p in optional:
        if "defaultValue" in p:
            default = f"{_argument(p)} = {_literal(p['defaultValue'])}"
        else:
            default = f"{_argument(p)} | None = None"
        parts.append(f"{_name(p['name'])}: {default}")
    return ", ".join(parts)


def _argument(parameter: dict[str, Any]) -> str:
    if parameter["name"] == "fields":
        return "Sequence[Json]"
    if parameter["paramType"] == "body":
        return "Json"
    kind = type_of_scalar[parameter["dataType"]]
    return f"Sequence[{kind}]" if parameter.get("allowMultiple") else kind


def _call(path: str, operation: dict[str, Any], parameters: list[dict[str, Any]]) -> Iterator[str]:
    """The arguments of ``self._send``."""
    yield f'"{operation["httpMethod"]}"'
    filled = re.sub(r"{(\w+)}", lambda m: f"{{_path({_name(m[1])})}}", path)
    yield f'f"{filled}"' if filled != path else f'"{path}"'
    query = [f'"{p["name"]}": {_query_value(p)}' for p in parameters if p["paramType"] == "query"]
    if query:
        yield f"query={{{', '.join(query)}}}"
    yield from (_body(p) for p in parameters if p["paramType"] == "body")
    if operation["nickname"] in ("originate", "create") and operation["responseClass"] == "Channel":
        yield "originates=True"


def _query_value(parameter: dict[str, Any]) -> str:
    name = _name(parameter["name"])
    if not parameter.get("allowMultiple"):
        return name
    joined = f'",".join({name})'
    return joined if parameter.get("required") else f"{joined} if {name} else None"


def _body(parameter: dict[str, Any]) -> str:
    """A ``containers`` parameter is a key of the body; an ``object`` is the body itself."""
    name = _name(parameter["name"])
    if parameter["dataType"] == "object":
        return f"body={name}"
    wrapped = f'{{"{parameter["name"]}": {name}}}'
    if not parameter.get("required"):
        wrapped += f" if {name} is not None else None"
    return f"body={wrapped}"


def _answer(response: str) -> tuple[str, str]:
    """The Python type of an answer, and the statement around the call that makes it."""
    if response == "void":
        return "None", "{}"
    if response == "binary":
        return "bytes", "return bytes({})"
    if item := _item(response):
        one = f"models.{item}"
        return f"tuple[{one}, ...]", f"return tuple({one}.parse(each) for each in {{}})"
    return f"models.{response}", f"return models.{response}.parse({{}})"


def _story(operation: dict[str, Any]) -> str:
    reasons = [f"{e['code']} {e['reason'].strip('.')}" for e in operation.get("errorResponses", [])]
    return "\n\n".join([operation["summary"], *(["; ".join(reasons) + "."] if reasons else [])])


# -- words ----------------------------------------------------------------------------------------


def _literal(default: Any) -> str:
    """A default of the description as Python: ``false`` is False, 'both' is "both"."""
    return json.dumps(default) if isinstance(default, str) else repr(default)


def _item(kind: str) -> str:
    """``Channel`` of ``List[Channel]``; empty for what is not a list."""
    return kind[5:-1] if kind.startswith("List[") else ""


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z]+)", lambda m: "_" + m[1].lower(), name)


def _name(name: str) -> str:
    snake = _snake(name)
    return snake + "_" if keyword.iskeyword(snake) else snake


def _class(resource: str) -> str:
    return resource[0].upper() + resource[1:]


def _docstring(text: str, indent: int) -> str:
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    if not paragraphs[0].endswith("."):
        paragraphs[0] += "."
    lines = "\n\n".join(textwrap.fill(part, 92 - indent) for part in paragraphs)
    closing = '\n"""' if "\n" in lines else '"""'
    return textwrap.indent(f'"""{lines}{closing}', " " * indent)


if __name__ == "__main__":
    sys.stdout.write(generate(Path(sys.argv[1]), sys.argv[2]))
