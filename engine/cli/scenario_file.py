"""Reads a scenario for the simulator, with everything that is wrong in it and where."""

from __future__ import annotations

from pathlib import Path

from acd.simulation.faults import faults
from acd.simulation.scenario import Scenario
from engine.config.drafts import read_center
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
    if scenario is not None and not has_errors(problems):
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
    draft = read_center(document.path.parent / Path(scenario.queues_file).expanduser(), None)
    queues = {name: written.value for name, written in draft.queues.items()}
    return scenario.model_copy(update={"queues": queues}), draft.problems
