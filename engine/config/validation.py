"""Turns what pydantic complains about into problems that name the line and the remedy.

Pydantic's ``loc`` is not a path in the file: it also holds the tags of discriminated unions, names
of union members and the marker ``[key]``. ``_place`` walks the document and skips those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.config.problems import Problem, listed, suggestion
from engine.config.yaml_file import Document, Loc
from engine.ivr.expressions import ExpressionError
from engine.ivr.schema import asking, base, routing, speech

_FORMS = {
    base.NAME_PATTERN: "small letters, digits, `-` and `_`, beginning with a letter",
    speech.PROMPT_PATTERN: "the name of a prompt: small letters, digits, `-` and `_`",
    base.VARIABLE_PATTERN: "small letters, digits and `_`, beginning with a letter",
    routing.OWNER_PATTERN: "an agent, or `$` and a variable of the flow",
    speech.LANGUAGE_PATTERN: "a language such as en, vi or en-GB",
    base.SETTABLE_PATTERN: "a variable, or `call.` and a variable: small letters, digits and `_`",
    asking.KEYS_PATTERN: "up to 8 of the keys 0-9, * and #; X is any digit",
    asking.KEY_PATTERN: "one key: 0-9, * or #, in quotes",
    asking.TERMINATOR_PATTERN: "`#`, `*` or both, or '' for none",
    r"^[*#][0-9*#]{1,7}$": '`*` or `#` and 1 to 7 further keys, in quotes: "*10"',
    r"^[a-z]{2}$": "a language such as en or vi",
    r"^[0-9]$": "one digit",
    r"^[0-9*#]$": "one of the keys 0-9, * and #, in quotes",
    r"^[0-9]{2,8}$": "2 to 8 digits",
    r"^[0-9]{4,10}$": "4 to 10 digits",
    r"^[0-9*#]{0,8}$": "up to 8 of the keys 0-9, * and #",
    r"^\+?[0-9]{3,15}$": "a telephone number: digits, after a + if it is an international one",
    r"^[A-Za-z0-9_-]{1,40}$": "the name of an endpoint in Asterisk: letters, digits, `-` and `_`",
}
Model = TypeVar("Model", bound=BaseModel)

_ELSEWHERE = {
    **dict.fromkeys(
        ("text", "message", "play", "say", "audio", "file", "announcement"), ("prompts",)
    ),
    **dict.fromkeys(("options", "choices", "digits"), ("keys", "cases", "intents")),
    **dict.fromkeys(("goto", "node", "target", "destination", "then", "exit"), ("to", "next")),
    **dict.fromkeys(("retries", "loops", "max_attempts", "tries"), ("attempts",)),
    **dict.fromkeys(("timeout", "wait"), ("timeout_seconds", "seconds")),
    **dict.fromkeys(("condition", "expression"), ("when", "value")),
    "invalid": ("nomatch",),
    "begin": ("start",),
    "name": ("flow",),
}
"""What other systems call a setting, and what it may be called here."""

_SECRETS = ("secret", "pin", "password", "token")

_TEXTS = {
    # pydantic's type: (code, sentence); {x} is the setting, {v} what was written
    "missing": ("E202", "`{x}` is missing"),
    "string_type": ("E203", "`{x}` must be a text"),
    "int_parsing": ("E203", "`{x}` must be a whole number, not {v}"),
    "int_type": ("E203", "`{x}` must be a whole number"),
    "int_from_float": ("E203", "`{x}` must be a whole number, not {v}"),
    "float_parsing": ("E203", "`{x}` must be a number, not {v}"),
    "float_type": ("E203", "`{x}` must be a number"),
    "finite_number": ("E204", "`{x}` must be an ordinary number, not {v}"),
    "bool_parsing": ("E203", "`{x}` must be yes or no, not {v}"),
    "bool_type": ("E203", "`{x}` must be yes or no"),
    "dict_type": ("E203", "`{x}` must hold lines of `name: value`"),
    "model_type": ("E203", "`{x}` must hold lines of `name: value`"),
    "model_attributes_type": ("E203", "`{x}` must hold lines of `name: value`"),
    "list_type": ("E203", "`{x}` must be a list"),
    "tuple_type": ("E203", "`{x}` must be a list"),
    "set_type": ("E203", "`{x}` must be a list"),
    "path_type": ("E203", "`{x}` must be a path"),
    "url_parsing": ("E205", "`{x}` must be a URL, not {v}"),
    "greater_than_equal": ("E204", "`{x}` must be at least {ge}, not {v}"),
    "greater_than": ("E204", "`{x}` must be more than {gt}, not {v}"),
    "less_than_equal": ("E204", "`{x}` must be at most {le}, not {v}"),
    "less_than": ("E204", "`{x}` must be less than {lt}, not {v}"),
    "string_too_short": ("E204", "`{x}` must have at least {min_length} characters"),
    "string_too_long": ("E204", "`{x}` must have at most {max_length} characters"),
    "too_short": ("E204", "`{x}` needs at least {min_length}"),
    "too_long": ("E204", "`{x}` may have at most {max_length}"),
    "literal_error": ("E206", "`{x}` must be {expected}, not {v}"),
    "enum": ("E206", "`{x}` must be {expected}, not {v}"),
    "union_tag_not_found": ("E202", "`type` is missing"),
}


class _Place(NamedTuple):
    path: Loc
    is_key: bool


def validated(
    model: type[Model], document: Document, at: Loc = (), **given: str
) -> tuple[Model | None, list[Problem]]:
    """The value ``at`` as a ``model``, or the problems in it.

    ``given`` are fields that are not written there, such as a queue's name, which is its key.
    """
    written = _at(document.data, at)
    if not isinstance(written, dict):
        what = f"`{at[-1]}`" if at else "this file"
        message = f"{what} must hold lines of `name: value`"
        return None, [document.problem(at, "E203", message, key=bool(at))]
    try:
        return model.model_validate({**given, **written}), []
    except ValidationError as error:
        return None, _problems(error, document, at, model, set(given))


def _problems(
    error: ValidationError, document: Document, at: Loc, model: type[BaseModel], given: set[str]
) -> list[Problem]:
    """One per place: the members of a union that all refuse a value are told once."""
    found: dict[tuple[int, int, str], Problem] = {}
    details = error.errors(include_url=False)
    for detail in details:
        if _follows(detail, details):
            continue
        problem = problem_in(document, at, detail, model, given)
        found.setdefault((problem.line, problem.column, problem.code), problem)
    return sorted(found.values(), key=lambda problem: (problem.line, problem.column))


def _follows(detail: Mapping[str, Any], details: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a list is too short only because what stands in it was refused."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in details
    )


def words(
    detail: Mapping[str, Any], name: str, model: type[BaseModel], given: Set[str] = frozenset()
) -> tuple[str, str, str]:
    """Code, message and hint for one of pydantic's error details about the setting ``name``."""
    kind, context = str(detail["type"]), dict(detail.get("ctx", {}))
    if kind == "extra_forbidden":
        return _unknown(name, _known_at(model, detail["loc"][:-1]) - given)
    if kind == "union_tag_invalid":
        return _unknown_tag(context)
    if kind == "string_pattern_mismatch":
        return _misformed(name, detail["input"], context["pattern"])
    if detail["input"] is None and kind not in ("missing", "value_error"):
        comma = "" if re.fullmatch(r"\S+", name) else "; a text with a comma stands in quotes"
        return "E202", f"`{name}` has no value", f"write one, or remove the line{comma}"
    if kind in _TEXTS:
        code, sentence = _TEXTS[kind]
        value = _written(name, detail["input"])
        near = suggestion(str(detail["input"]), _choices(kind, context))
        limits = {key: f"{x:g}" if isinstance(x, float) else x for key, x in context.items()}
        return code, sentence.format_map({**limits, "x": name, "v": value}) + near, ""
    return "E209", _own_words(detail, context), ""


def _misformed(name: str, written: object, pattern: str) -> tuple[str, str, str]:
    """Of a text, or a key, that is not of the form it must have."""
    form = _FORMS.get(pattern, f"of the form {pattern}")
    told = isinstance(written, str) and written not in (name, "") and not _is_secret(name)
    message = f"`{name}` must be {form}" + (f", not `{written}`" if told else "")
    return "E205", message, odd_character(str(written)) or _better(str(written), pattern)


def _better(written: str, pattern: str) -> str:
    """What could be written instead."""
    if pattern == speech.PROMPT_PATTERN and re.search(r"\s", written):
        return "give the text a name under `prompts` and write that here"
    if pattern not in (base.NAME_PATTERN, base.VARIABLE_PATTERN):
        return ""
    plain = unicodedata.normalize("NFD", written.lower().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
    name = "_".join(words).lstrip("0123456789_")
    return f"write `{name}`" if name else ""


def odd_character(text: str) -> str:
    """Advice where a space that is none, or something unseen, came in by copying."""
    odd = next((c for c in text if c != " " and unicodedata.category(c) in ("Zs", "Cf")), "")
    return f"an unusual space (U+{ord(odd):04X}) is in it: type it anew" if odd else ""


def problem_in(
    document: Document,
    at: Loc,
    detail: Mapping[str, Any],
    model: type[BaseModel],
    given: Set[str] = frozenset(),
) -> Problem:
    """One of pydantic's error details about the value ``at``, as a problem of the file."""
    loc = _where_written(document.data, _with_tag(detail))
    place = _place(document.data, at, loc)
    name = str(_named(loc if detail["type"] == "missing" else place.path, loc))
    told = words(detail, name, model, given)
    error, written = detail.get("ctx", {}).get("error"), detail["input"]
    if isinstance(error, ExpressionError) and error.column and isinstance(written, str):
        return document.problem_in_text(place.path, written, error.column - 1, *told)
    is_block = detail["type"] == "value_error" and isinstance(written, dict)
    at_key = place.is_key or is_block or told[0] in ("E201", "E202")
    return document.problem(place.path, *told, key=at_key)


def _where_written(data: Any, loc: Loc) -> Loc:
    """A setting that a node of a flow has from the flow's ``defaults`` stands there."""
    match loc:
        case ("nodes", node, _, str(setting), *rest) if _has(
            _at(data, ("defaults",)), setting
        ) and not _has(_at(data, ("nodes", node)), setting):
            return ("defaults", setting, *rest)
    return loc


def _with_tag(detail: Mapping[str, Any]) -> Loc:
    """Pydantic's ``loc``; for an unknown tag of a union, the place of the tag itself."""
    loc = tuple(detail["loc"])
    if detail["type"] == "union_tag_invalid":
        return (*loc, str(detail["ctx"]["discriminator"]).strip("'"))
    return loc


def _named(path: Loc, loc: Loc) -> str | int:
    """What to call the offending value: its key, or for a list item the list's key."""
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else (loc[-1] if loc else "this file")


def _place(data: Any, at: Loc, loc: Loc) -> _Place:
    """Where in the document ``loc`` points, seen from ``at``.

    What is missing has the key of what should hold it; a short form has its value.
    """
    data, path, tag_seen, written = _at(data, at), at, False, True
    for part in loc:
        if part == "[key]":
            return _Place(path, True)
        if not tag_seen and _is_tag(data, part):
            tag_seen = True
        elif written := _has(data, part):
            data, path, tag_seen = data[part], (*path, part), False
    return _Place(path, is_key=not written and isinstance(data, dict))


def _is_tag(data: Any, part: str | int) -> bool:
    return isinstance(data, dict) and data.get("type") == part


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, dict):
        return part in data
    return isinstance(data, list) and isinstance(part, int) and part < len(data)


def _at(data: Any, path: Loc) -> Any:
    for part in path:
        data = data[part] if _has(data, part) else None
    return data


def _unknown(name: str, known: set[str]) -> tuple[str, str, str]:
    hint = f"settings here: {listed(known)}" if known else "remove it"
    elsewhere = next((word for word in _ELSEWHERE.get(name.lower(), ()) if word in known), "")
    near = f"; did you mean `{elsewhere}`?" if elsewhere else suggestion(name, known)
    return "E201", f"unknown setting `{name}`{near}", odd_character(name) or hint


def _unknown_tag(context: Mapping[str, Any]) -> tuple[str, str, str]:
    known = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
    key, tag = str(context["discriminator"]).strip("'"), str(context["tag"])
    message = f"unknown {key} `{tag}`{suggestion(tag, known)}"
    return "E206", message, f"known: {listed(known)}"


def _choices(kind: str, context: Mapping[str, Any]) -> list[str]:
    """What might have been meant, where only some words are allowed."""
    is_word = kind in ("enum", "literal_error")
    return re.findall(r"'([^']+)'", context["expected"]) if is_word else []


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRETS)


def _written(name: str, value: Any) -> str:
    if _is_secret(name):
        return "what is written"
    if isinstance(value, float):  # of a short form, whose text was read as a number already
        return f"`{value:g}`"
    return f"`{value}`" if isinstance(value, str) else "this"


def _own_words(detail: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """What a validator of ours said, without pydantic's prefix."""
    return str(context.get("error", detail["msg"]))


def _known_at(model: type[BaseModel], loc: Loc) -> set[str]:
    """The names of the settings that are allowed at ``loc`` within ``model``."""
    here: list[Any] = [model]
    for part in loc:
        here = [inner for leaf in here for inner in _step(leaf, part)]
    return {name for leaf in here if _is_model(leaf) for name in _fields(leaf)}


def _step(leaf: Any, part: str | int) -> Iterator[Any]:
    if _is_model(leaf):
        fields = _fields(leaf)
        if part in _tags(leaf):
            yield leaf
        if part in fields:
            yield from _leaves(fields[str(part)])
    else:
        for inner in get_args(leaf)[-1:] if get_origin(leaf) is dict else get_args(leaf):
            yield from _leaves(inner)


def _leaves(annotation: Any) -> Iterator[Any]:
    """The models and containers in a (nested) union or ``Annotated``."""
    if _is_model(annotation) or get_origin(annotation) in (dict, list, tuple):
        yield annotation
    elif get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            yield from _leaves(inner)


def _is_model(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _tags(model: type[BaseModel]) -> set[Any]:
    """What discriminates ``model`` in a union: its literals, or its name."""
    literals = [a for a in _fields(model).values() if get_origin(a) is Literal]
    return {model.__name__, *(value for literal in literals for value in get_args(literal))}
