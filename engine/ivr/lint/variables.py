"""Variables: who sets what is read, and where a secret may stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.ivr.expressions import expression, holes
from engine.ivr.findings import Finding, Path, did_you_mean, nearest
from engine.ivr.lint.known import Known, error, warning
from engine.ivr.schema import Flow, Gather, Node, Part, Payment
from engine.ivr.turn import CALL_FACTS

_CARD = frozenset({"card", "cvv", "expiry"})
_OF_CALL = re.compile(r"\bcall\.([a-z][a-z0-9_]*)")
_GIVEN = frozenset({"call", "node", "hours"})


def check_variables(flow: Flow, known: Known) -> Iterator[Finding]:
    """Everything that expressions and templates read."""
    own = {name for name, _ in flow.variables()} | _GIVEN
    secret = {name for name, is_secret in flow.variables() if is_secret}
    if any(isinstance(node, Payment) for node in flow.nodes.values()):
        own.add("payment")
    shared = CALL_FACTS | {
        name.removeprefix("call.")
        for each in (flow, *known.flows.values())
        for name, _ in each.variables()
        if name.startswith("call.")
    }
    for path, source, names, sends in _reads(flow):
        for name in sorted(names):
            yield from _name(path, name, own, secret, sends)
        for name in _OF_CALL.findall(source):
            if name not in shared:
                message = f"nobody ever sets `call.{name}`"
                hint = did_you_mean(f"call.{name}", {f"call.{known}" for known in shared})
                yield warning(path, "W609", message, hint, word=f"call.{name}")


def _reads(flow: Flow) -> Iterator[tuple[Path, str, frozenset[str], bool]]:
    for name, node in flow.nodes.items():
        at: Path = ("nodes", name)
        for read in node.reads():
            names = read.names - _local(node, read.path)
            yield (*at, *read.path), read.source, names, read.sends
        for place, parts in node.speeches():
            for index, part in enumerate(parts):
                yield from _spoken((*at, *place, index), part)


def _local(node: Node, path: Path) -> frozenset[str]:
    """What exists in this one place."""
    return frozenset({"typed"} if isinstance(node, Gather) and path == ("valid",) else ())


def _spoken(path: Path, part: Part) -> Iterator[tuple[Path, str, frozenset[str], bool]]:
    for field in ("value", "when"):
        source = getattr(part, field)
        if source is not None:
            yield (*path, field), source, expression(source).names, False
    for language, text in part.texts().items():
        names = frozenset(hole.root for hole in holes(text))
        at = (*path, "text", *filter(None, [language]))
        yield at, " ".join(hole.name for hole in holes(text)), names, False


def _name(path: Path, name: str, own: set[str], secret: set[str], sends: bool) -> Iterator[Finding]:
    if name in secret and not sends:
        message = f"`{name}` is secret, and here it would be said, written or shown"
        hint = "a secret can only be sent, in the `body` of a request"
        yield error(path, "E613", message, hint, word=name)
    elif name in _CARD and name not in own:
        message = f"`{name}` exists only within a payment node, in the body of its gateway"
        hint = "use `payment.token` and `payment.brand`"
        yield error(path, "E615", message, hint, word=name)
    elif name not in own:
        message = f"nothing in this flow sets `{name}`"
        yield error(path, "E612", message, _meant(path, name, own), word=name)


def _meant(path: Path, name: str, own: set[str]) -> str:
    """What may have been meant by a variable that nothing sets."""
    if name in CALL_FACTS:
        return f"did you mean `call.{name}`?"
    a_text = "; a text has quotes of its own: " + f"\"'{name}'\"" if _is_assigned(path) else ""
    return nearest(name, own) or f"a node such as gather, set or http sets one{a_text}"


def _is_assigned(path: Path) -> bool:
    """Whether this gives a name its value, as in ``variables: {tier: gold}``."""
    return path[-2] in ("variables", "values", "with")
