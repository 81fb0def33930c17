"""A simulated call as a test case: what was done, what was heard, where it went."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from engine.cli.flow_session import Act, Session
from engine.config.flow_tests import read_tests, run_tests
from engine.ivr.rehearsal.transcript import Ends, GoesTo, Hears, Line


class NotSaved(Exception):
    """The test could not be written, or did not pass when it was tried."""


def save(session: Session, file: Path) -> int:
    """Write the call into ``file``, after the tests that it has. Returns their number.

    The new test is read and run; the file is as before when that fails. Raises ``NotSaved``.
    """
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    head = before.rstrip("\n") or f"flow: {session.flow}\ntests:"
    try:
        file.write_text(f"{head}\n{_item(session)}", encoding="utf-8")
    except OSError as error:
        raise NotSaved(f"{file} cannot be written: {error.strerror}") from error
    problem, count = _tried(session, file)
    if problem:
        file.write_text(before, encoding="utf-8") if before else file.unlink()
        raise NotSaved(problem)
    return count


def _tried(session: Session, file: Path) -> tuple[str, int]:
    """What is wrong with the file now, and how many tests it has."""
    tests, problems = read_tests(file.parent, session.stage.site.flow_set)
    here = [one for one in tests if one.document.path == file]
    mine = [problem for problem in problems if Path(problem.file) == file]
    failed = [result.failure for result in run_tests(session.stage, here[-1:]) if result.failure]
    if not here and not mine:
        return f"{file} is no file of tests: call it NAME.test.yaml", 0
    wrong = [*mine, *failed]
    return (wrong[0].render() if wrong else ""), len(here)


def _item(session: Session) -> str:
    """The test as an item of the list ``tests``."""
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = io.StringIO()
    yaml.dump([_test(session)], text)
    return text.getvalue()


def _test(session: Session) -> dict[str, Any]:
    call = session.call
    zone = session.stage.zone_of(session.flow, call, session.at)
    at = datetime.fromtimestamp(session.at, zone)
    told: dict[str, Any] = {"from": Quoted(call.from_)}
    if call.to:
        told["to"] = Quoted(call.to)
    if call.language:
        told["language"] = call.language
    test: dict[str, Any] = {
        "name": Quoted(f"simulated for {at:%Y-%m-%d %H:%M}"),
        "at": at.isoformat(timespec="seconds"),
        "call": told,
    }
    if given := _given(session):
        test["given"] = given
    return {**test, "steps": list(_steps(session))}


def _given(session: Session) -> dict[str, Any]:
    """What was given; of several answers at one place the list of them."""
    found: dict[str, Any] = {}
    for act in session.acts:
        match act:
            case Act("given", (str(place), value)):
                found[place] = value
    return found


def _steps(session: Session) -> Iterator[dict[str, Any]]:
    ends = [*session.starts, len(session.lines)]
    yield from _results(session.lines[: ends[0]])
    for act, start, end in zip(session.acts, session.starts, ends[1:], strict=True):
        if act.step != "given":
            yield {act.step: _done(act)}
        yield from _results(session.lines[start:end])


def _done(act: Act) -> Any:
    match act.value:
        case str(keys) if act.step == "press":
            return {"keys": Quoted(keys), "early": True} if act.during else Quoted(keys)
        case {"text": text, "confidence": sure}:
            return {"text": Quoted(text), "confidence": sure}
        case value:
            return value


def _results(lines: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """What is to come of it: what is heard, where it goes, how it ends."""
    for line in lines:
        match line.event:
            case Hears() as heard if heard.text:
                yield {"hear": heard.prompts[0] if heard.prompts else Quoted(heard.text)}
            case GoesTo(what=what):
                yield {"goes_to": what}
            case Ends(by="flow", outcome=outcome):
                yield {"ends": outcome}
