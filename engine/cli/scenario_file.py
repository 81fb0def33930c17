"""Reads a scenario for the simulator, with everything that is wrong in it and where."""

from __future__ import annotations

from pathlib import Path

from acd.queues import QueueSettings
from acd.simulation.faults import faults
from acd.simulation.scenario import Scenario
from engine.config.problems import Problem, has_errors
from engine.config.text_file import BadFile
from engine.config.validation import validated
from engine.config.yaml_file import Document, read


def load_scenario(path: Path) -> tuple[Scenario | None, list[Problem]]:
    """The scenario in ``path``, or ``None``; and its problems. Never raises on bad input."""
    try:
        document = read(path)
        scenario, problems = validated(Scenario, document)
        if scenario is not None and scenario.queues_file:
            scenario, problems = _with_queues(scenario, document)
    except BadFile as error:
        return None, [error.problem]
    if scenario is not None:
        problems += [
            document.problem(fault.path, fault.code, fault.message, fault.hint, key=True)
            for fault in faults(scenario)
        ]
    return (None if has_errors(problems) else scenario), problems


def _with_queues(scenario: Scenario, document: Document) -> tuple[Scenario | None, list[Problem]]:
    """The queues of another file, which is found from the scenario's folder."""
    if scenario.queues:
        message = "there are `queues` in this file, too"
        at = ("queues_file",)
        return None, [document.problem(at, "E209", message, "keep one of them", key=True)]
    file = document.path.absolute().parent / Path(scenario.queues_file).expanduser()
    queues, problems = read_queues(file)
    return scenario.model_copy(update={"queues": queues}), problems


def read_queues(path: Path) -> tuple[dict[str, QueueSettings], list[Problem]]:
    """The queues of a site's file, and what is wrong with them. Raises ``BadFile``."""
    document = read(path)
    written = document.data.get("queues") if isinstance(document.data, dict) else None
    if not isinstance(written, dict):
        hint = "write `queues:`, and each queue's settings below its name"
        return {}, [document.problem((), "E202", "there are no `queues` in this file", hint)]
    queues, problems = {}, []
    for name in written:
        queue, wrong = validated(QueueSettings, document, ("queues", name), name=name)
        problems += wrong
        if queue is not None:
            queues[name] = queue
    return queues, problems
