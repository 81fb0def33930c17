"""Prompts: whether there is audio in each language, what is never said, what takes too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.ivr.findings import Finding, Path, did_you_mean
from engine.ivr.lint.known import Known, error, warning
from engine.ivr.rehearsal.voice import estimate
from engine.ivr.saying import LANGUAGES, Kind, is_known
from engine.ivr.schema import Asking, Flow, Listen, Menu, Part, PromptTable, Say

LONGEST_MENU_SECONDS = 20.0

_BY_GRAMMAR = frozenset(Kind) - {Kind.DIGITS, Kind.LETTERS, Kind.PLACE, Kind.TEXT}
"""What is said by the rules of a language."""
_KNOWN = ", ".join(sorted(LANGUAGES))


def check_prompts(flow: Flow, known: Known) -> Iterator[Finding]:
    """Everything that the flow says."""
    languages = list(dict.fromkeys([*flow.languages(), *sorted(known.languages)]))
    uses = _uses(flow)
    for key, places in uses.items():
        path = places[0][0]
        spoken = [tag for tag in [*languages, *known.prompts] if _speaks(flow, known, tag, key)]
        wanted = dict.fromkeys(tag for _, part in places for tag in _wanted(part, languages))
        missing = ", ".join(tag for tag in wanted if tag not in spoken)
        if not spoken:
            hint = did_you_mean(key, set(flow.prompts).union(*known.prompts.values()))
            yield error(path, "E606", f"prompt `{key}` has no text and no recording", hint)
        elif missing:
            message = f"prompt `{key}` is missing in {missing}"
            yield warning(path, "W602", message, f"callers hear it in {spoken[0]}")
    said = uses.keys() | {key for other in known.flows.values() for key in _uses(other)}
    for key in flow.prompts:
        if key not in said:
            message, hint = f"no node says the prompt `{key}`", "say it at a node, or remove it"
            yield warning(("prompts", key), "W607", message, hint)
    yield from _templates(flow)
    yield from _ungrammatical(flow, languages)
    for name, node in flow.nodes.items():
        if isinstance(node, Say | Asking):
            for place, parts in node.speeches():
                yield from _skippable(("nodes", name, *place), parts, node.barge_in.by_keys)
        if isinstance(node, Menu | Listen):
            yield from _long(flow, ("nodes", name, "prompts"), node.prompts, languages, known)


def prompt_clashes(tables: Mapping[str, PromptTable]) -> dict[str, list[Finding]]:
    """Prompt keys with different texts in several files (``tables`` by file): all files share keys.

    A finding is with each file but the first.
    """
    first: dict[str, str] = {}
    found: dict[str, list[Finding]] = {file: [] for file in tables}
    for file, table in tables.items():
        for key, texts in table.items():
            other = first.setdefault(key, file)
            if texts != tables[other][key]:
                message = f"prompt `{key}` has another text in {other}"
                found[file].append(error(("prompts", key), "E608", message, "rename one of them"))
    return found


def _uses(flow: Flow) -> dict[str, list[tuple[Path, Part]]]:
    """Per prompt key, every place that says it."""
    uses: dict[str, list[tuple[Path, Part]]] = {}
    for name, node in flow.nodes.items():
        for place, parts in node.speeches():
            for index, part in enumerate(parts):
                if part.prompt is not None:
                    path = ("nodes", name, *place, index, "prompt")
                    uses.setdefault(part.prompt, []).append((path, part))
    return uses


def _wanted(part: Part, languages: list[str]) -> list[str]:
    """The languages in which a call may ask for this part."""
    fixed = part.language or part.only_in
    return [fixed] if fixed else languages


def _speaks(flow: Flow, known: Known, language: str, key: str) -> bool:
    return language in flow.prompts.get(key, ()) or key in known.prompts.get(language, ())


def _templates(flow: Flow) -> Iterator[Finding]:
    for key, texts in flow.prompts.items():
        for language, text in texts.items():
            if "{{" in text:
                message = f"the prompt `{key}` would be spoken with its braces"
                hint = "a prompt is always the same; say `text: …` at the node instead"
                yield error(("prompts", key, language), "E622", message, hint)


def _ungrammatical(flow: Flow, languages: list[str]) -> Iterator[Finding]:
    """The first value of the flow that is said in languages whose grammar we do not know."""
    for name, node in flow.nodes.items():
        for place, parts in node.speeches():
            for index, part in enumerate(parts):
                unknown = [tag for tag in _wanted(part, languages) if not is_known(tag)]
                if unknown and part.value is not None and part.as_ in _BY_GRAMMAR:
                    message = f"in {', '.join(unknown)} a {part.as_} value is read as it is written"
                    hint = f"listen whether its voice can read one; words are known in {_KNOWN}"
                    yield warning(("nodes", name, *place, index, "value"), "W619", message, hint)
                    return


def _skippable(path: Path, parts: tuple[Part, ...], by_keys: bool) -> Iterator[Finding]:
    cut = False
    for index, part in enumerate(parts):
        barge_in = by_keys if part.barge_in is None else part.barge_in.by_keys
        if cut and not barge_in:
            message = "a key pressed during what is said before skips this, too"
            yield warning((*path, index), "W606", message, "put what must be heard first")
        cut = cut or barge_in


def _long(
    flow: Flow, path: Path, parts: tuple[Part, ...], languages: list[str], known: Known
) -> Iterator[Finding]:
    for language in languages:
        said = [part for part in parts if part.only_in in (None, language)]
        seconds = sum(_seconds(flow, part, part.language or language, known) for part in said)
        if seconds > LONGEST_MENU_SECONDS:
            message = f"this menu talks for {seconds:.0f} s in {language}"
            hint = "callers forget what came first: shorten it, or make two of it"
            yield warning(path, "W617", message, hint)
            return


def _seconds(flow: Flow, part: Part, language: str, known: Known) -> float:
    if part.prompt is None:
        return part.pause or 2.0
    length = known.seconds(language, part.prompt)
    if length is not None:
        return length
    return estimate(flow.prompts.get(part.prompt, {}).get(language, ""))
