"""Names of what is outside the flow: queues, calendars, agents; and keys that contradict."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from engine.ivr.expressions import holes
from engine.ivr.findings import Finding, Path
from engine.ivr.grammar import begins
from engine.ivr.lint.known import Known, error, unknown, warning
from engine.ivr.schema import (
    Asking,
    Callback,
    Flow,
    Gather,
    Hangup,
    Hours,
    Listen,
    Menu,
    Node,
    Queue,
    Split,
    Transfer,
    Voicemail,
)

MAX_CHOICES = 5


def check_names(flow: Flow, known: Known) -> Iterator[Finding]:
    """Everything that a node names, and its keys."""
    for name, node in flow.nodes.items():
        at: Path = ("nodes", name)
        yield from _outside(flow, at, node, known)
        match node:
            case Menu():
                yield from _menu(at, node)
            case Listen():
                yield from _listen(at, node)
            case Gather():
                yield from _gather(at, node)
            case Split():
                yield from _split(at, node)
        if isinstance(node, Menu | Listen):
            yield from _voices(flow, at, node, known)
        if isinstance(node, Asking):
            yield from _cut_off(flow, at, node)


def _outside(flow: Flow, at: Path, node: Node, known: Known) -> Iterator[Finding]:
    match node:
        case Voicemail() if node.agent:
            yield from unknown((*at, "agent"), "E609", "agent", node.agent, known.agents)
        case Queue() | Callback() | Voicemail():
            yield from unknown((*at, "queue"), "E604", "queue", node.queue or "", known.queues)
        case Hours():
            yield from unknown(
                (*at, "calendar"), "E605", "calendar", node.calendar, known.calendars
            )
        case Transfer() if node.agent and not node.agent.isdigit() and not list(holes(node.agent)):
            yield from unknown((*at, "agent"), "E609", "agent", node.agent, known.agents)
    if isinstance(node, Queue):
        yield from _owner(flow, (*at, "owner"), node.owner, known)
        if node.queue in known.unclosed:
            message = f"the queue `{node.queue}` closes, and its callers would wait on all night"
            hint = "give it an overflow rule `closed`, or take its calendar away"
            yield error((*at, "queue"), "E620", message, hint)


def _owner(flow: Flow, path: Path, owner: str, known: Known) -> Iterator[Finding]:
    names = (name for name, secret in flow.variables() if not secret)
    variables = frozenset(f"${name}" for name in names)
    if owner.startswith("$"):
        yield from unknown(path, "E609", "variable", owner, variables)
    elif owner:
        yield from unknown(path, "E609", "agent", owner, known.agents)


# -- keys -----------------------------------------------------------------------------------------


def _menu(at: Path, node: Menu) -> Iterator[Finding]:
    for keys in node.keys:
        longer = next((k for k in node.keys if len(k) > len(keys) and begins(k, keys)), None)
        if longer:
            seconds = f"{node.inter_digit_seconds:g} s"
            message = f"`{keys}` begins `{longer}`: callers who press {keys} wait {seconds}"
            hint = "use keys that differ at once"
            yield warning((*at, "keys", keys), "W603", message, hint, key=True)
    for one, other in combinations(node.keys, 2):
        if "X" in one and "X" in other and len(one) == len(other) and _overlap(one, other):
            message = f"`{other}` and `{one}` take the same keys: the first would always win"
            hint = "write them so that they differ"
            yield error((*at, "keys", other), "E624", message, hint, key=True)
    if len(node.keys) > MAX_CHOICES:
        message = f"{len(node.keys)} choices: callers remember {MAX_CHOICES} at most"
        yield warning((*at, "keys"), "W604", message, "put some into a menu of their own")


def _overlap(one: str, other: str) -> bool:
    return all(
        a == b or (a == "X" and (b == "X" or b.isdigit())) or (b == "X" and a.isdigit())
        for a, b in zip(one, other, strict=True)
    )


def _listen(at: Path, node: Listen) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, intent in node.intents.items():
        first = seen.setdefault(intent.key, name) if intent.key else name
        if first != name:
            message = f"the key `{intent.key}` means `{first}` already"
            yield error((*at, "intents", name, "key"), "E624", message, "choose another key")


def _gather(at: Path, node: Gather) -> Iterator[Finding]:
    if node.clear_key and node.clear_key == node.cancel_key:
        message = f"`{node.clear_key}` cannot both start over and cancel"
        yield error((*at, "cancel_key"), "E624", message, "choose another key")
    for field in ("clear_key", "cancel_key"):
        key = getattr(node, field)
        if key and (key in node.terminator or key.isdigit()):
            meaning = "a digit of the number" if key.isdigit() else "the terminator"
            message = f"`{key}` is {meaning} already"
            yield error((*at, field), "E624", message, "choose another key")


def _split(at: Path, node: Split) -> Iterator[Finding]:
    total = sum(arm.percent for arm in node.arms.values())
    if abs(total - 100) > 0.001:
        message = f"the arms are {total:g} % together, not 100 %"
        yield warning((*at, "arms"), "W614", message, "they are taken as shares of their sum")


# -- what callers say, and do not say -------------------------------------------------------------


def _voices(flow: Flow, at: Path, node: Menu | Listen, known: Known) -> Iterator[Finding]:
    """A choice that has words in one language has them in all that callers are spoken to in."""
    languages = list(dict.fromkeys([*flow.languages(), *sorted(known.languages)]))
    field = "keys" if isinstance(node, Menu) else "intents"
    for name, choice in getattr(node, field).items():
        missing = [tag for tag in languages if tag not in choice.phrases]
        if choice.phrases and missing:
            message = f"`{name}` can be said in {', '.join(choice.phrases)}, not in {missing[0]}"
            hint = f"add `phrases: {{{missing[0]}: …}}`"
            yield warning((*at, field, name), "W616", message, hint)


def _cut_off(flow: Flow, at: Path, node: Asking) -> Iterator[Finding]:
    target = flow.nodes.get(node.noinput or "")
    if isinstance(target, Hangup) and not target.prompts:
        message = f"a caller who presses nothing at `{at[1]}` is cut off without a word"
        hint = f"say something at `{node.noinput}`, or lead `noinput` to a person"
        yield warning((*at, "noinput"), "W613", message, hint)
