"""The flow language as a JSON Schema (draft-07), for editors: they complete, explain and underline.

Made from the models, so it cannot say anything else than they do. What only the whole set of files
shows (a node that there is not, a prompt without text) is left to ``tongdai flow check``.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic.fields import FieldInfo

from engine.ivr.schema import NODE_TYPES, Flow, NodeBase, PromptFile

DRAFT = "http://json-schema.org/draft-07/schema#"

Json = dict[str, Any]

_YES_NO = [True, False, "yes", "no", "on", "off"]
_LISTS = {"minLength": "minItems", "maxLength": "maxItems"}
_LEFT_OUT = ("title", "discriminator")
_CODE = re.compile(r"``(.+?)``")


def flow_schema() -> Json:
    """The schema of a file in the flows' folder: a flow, or prompts without one."""
    flow = Flow.model_json_schema(by_alias=True)
    prompts = PromptFile.model_json_schema(by_alias=True)
    definitions = {**flow.pop("$defs"), **prompts.pop("$defs", {})}
    nodes = next(iter(flow["properties"]["nodes"]["patternProperties"].values()))
    nodes.clear()
    nodes["$ref"] = "#/$defs/node"
    definitions |= {"flow": flow, "prompts": prompts}
    return {
        "$schema": DRAFT,
        "title": "Tongdai flow",
        "if": {"anyOf": [{"required": [name]} for name in ("flow", "start", "nodes")]},
        "then": {"$ref": "#/definitions/flow"},
        "else": {"$ref": "#/definitions/prompts"},
        "definitions": {
            "node": _node(),
            **{name: _draft_7(written) for name, written in sorted(definitions.items())},
        },
    }


def _node() -> Json:
    """A node: its type decides which settings it has, and with which it is proposed."""
    words = sorted(NODE_TYPES)
    told = [_markdown(_first_line(NODE_TYPES[word])) for word in words]
    kind = {"enum": words, "enumDescriptions": told, "markdownEnumDescriptions": told}
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": kind},
        "defaultSnippets": [
            {"label": word, "description": line, "body": _snippet(word)}
            for word, line in zip(words, told, strict=True)
        ],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": word}}, "required": ["type"]},
                "then": {"$ref": f"#/definitions/{NODE_TYPES[word].__name__}"},
            }
            for word in words
        ],
    }


def _snippet(word: str) -> Json:
    """A node with the settings and exits that it cannot do without, to be filled in."""
    model = NODE_TYPES[word]
    fields = {_written(name, one): one for name, one in model.model_fields.items()}
    needed = [name for name, one in fields.items() if one.is_required() and name != "type"]
    exits = [name for name in model.EXITS if name not in needed]
    names = [*needed, *exits]
    return {"type": word} | {name: f"${{{n}:{name}}}" for n, name in enumerate(names, 1)}


def _written(name: str, one: FieldInfo) -> str:
    return one.alias or name


def _first_line(model: type[NodeBase]) -> str:
    text = " ".join((model.__doc__ or "").partition("\n\n")[0].split())
    return text


# -- from what pydantic says to draft-07 --------------------------------------------------------


def _draft_7(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_draft_7(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: inner for name, inner in schema.items() if name not in _LEFT_OUT}
    if found.get("default") in (None, "") or isinstance(found["default"], dict | list):
        found.pop("default", None)
    found = _without_null(found)
    if found.get("type") == "boolean":
        del found["type"]
        found["enum"] = _YES_NO
    if "anyOf" in found:  # a short form or a list: the limits are those of the list
        found = {_LISTS.get(name, name): inner for name, inner in found.items()}
    if "patternProperties" in found:
        found["additionalProperties"] = False
    if "description" in found:
        found["description"] = _markdown(found["description"])
        found["markdownDescription"] = found["description"]
    if "properties" in found:
        inner = found.pop("properties")
        found["properties"] = {name: _draft_7(one) for name, one in inner.items()}
    return _alone({name: _deeper(name, inner) for name, inner in found.items()})


def _deeper(name: str, inner: Any) -> Any:
    match name:
        case "patternProperties":
            return {pattern: _draft_7(one) for pattern, one in inner.items()}
        case "items" | "anyOf" | "oneOf" | "allOf" | "additionalProperties":
            return _draft_7(inner)
        case "$ref":
            return inner.replace("#/$defs/", "#/definitions/")
        case _:
            return inner


def _without_null(schema: Json) -> Json:
    """A setting without a value is a mistake in a file, also where the model has None."""
    choices = schema.get("anyOf", [])
    kept = [one for one in choices if one != {"type": "null"}]
    if len(kept) == len(choices):
        return schema
    rest = {name: inner for name, inner in schema.items() if name != "anyOf"}
    return {**kept[0], **rest} if len(kept) == 1 else {"anyOf": kept, **rest}


def _alone(schema: Json) -> Json:
    """In draft-07 whatever stands beside a reference is not heeded."""
    if "$ref" not in schema or len(schema) == 1:
        return schema
    return {"allOf": [{"$ref": schema.pop("$ref")}], **schema}


def _markdown(text: str) -> str:
    return _CODE.sub(r"`\1`", text)
