"""What the site's files say, each part with its place, before anything is checked across files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from acd.queues import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason, QueueSettings
from dialplan.schema import (
    CalendarSettings,
    FeatureSettings,
    NumberSettings,
    OutboundSettings,
    RoutesFile,
)
from engine.config.problems import Problem, listed, suggestion
from engine.config.text_file import BadFile
from engine.config.validation import validated
from engine.config.yaml_file import Document, Loc, read
from engine.ivr.schema import Flow, PromptFile, PromptTable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SitePaths:
    """Where the files are that operations people write."""

    agents_file: Path
    queues_file: Path
    routes_dir: Path
    flows_dir: Path


@dataclass(frozen=True, slots=True)
class Written(Generic[T]):
    """A value and where it is written: its name there, its file, and the way to it."""

    name: str
    value: T
    document: Document
    path: Loc

    def problem(
        self,
        code: str,
        message: str,
        hint: str = "",
        *,
        at: Loc = (),
        key: bool = False,
    ) -> Problem:
        """A problem within this value, at its key or at the value."""
        return self.document.problem((*self.path, *at), code, message, hint, key=key)

    def place(self) -> str:
        """``file:line``, to speak of it elsewhere."""
        return f"{self.document.path}:{self.document.position(self.path, key=True).line}"


@dataclass(slots=True)
class Draft:
    """All files of a site as read.

    The sets of names hold also those whose settings are wrong, so that a wrong queue is not
    reported as an unknown one, too.
    """

    problems: list[Problem] = field(default_factory=list)
    queues: dict[str, Written[QueueSettings]] = field(default_factory=dict)
    agents: dict[str, Written[AgentSettings]] = field(default_factory=dict)
    numbers: list[Written[NumberSettings]] = field(default_factory=list)
    default: Written[NumberSettings] | None = None
    calendars: dict[str, Written[CalendarSettings]] = field(default_factory=dict)
    features: Written[FeatureSettings] | None = None
    outbound: Written[OutboundSettings] | None = None
    flows: dict[str, Written[Flow]] = field(default_factory=dict)
    prompts: dict[Path, Written[PromptTable]] = field(default_factory=dict)
    queue_names: set[str] = field(default_factory=set)
    calendar_names: set[str] = field(default_factory=set)
    flow_names: set[str] = field(default_factory=set)


def read_all(paths: SitePaths) -> Draft:
    """Read every file; what is wrong with one of them is in ``problems``."""
    draft = Draft()
    _read_queues(draft, paths.queues_file)
    _read_agents(draft, paths.agents_file)
    for path in _yaml_files(draft, paths.routes_dir):
        _read_routes(draft, path)
    for path in _yaml_files(draft, paths.flows_dir):
        _read_flow(draft, path)
    return draft


def _yaml_files(draft: Draft, folder: Path) -> list[Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml"))
    except OSError as error:
        message = f"this folder cannot be read: {error.strerror}"
        files, hint = [], "make it, or correct the setting that names it"
    else:
        message, hint = "this folder has no .yaml file", "put one there"
    if not files:
        draft.problems.append(Problem.about(folder, "E101", message, hint))
    return files


def _document(draft: Draft, path: Path) -> Document | None:
    try:
        return read(path)
    except BadFile as error:
        draft.problems.append(error.problem)
        return None


def _read_queues(draft: Draft, path: Path) -> None:
    for document, name in _entries(draft, path, "queues"):
        draft.queue_names.add(name)
        at = ("queues", name)
        queue, problems = validated(QueueSettings, document, at, name=name)
        draft.problems += problems
        if queue:
            draft.queues[name] = Written(name, queue, document, at)


def _read_agents(draft: Draft, path: Path) -> None:
    for document, name in _entries(draft, path, "agents"):
        at = ("agents", name)
        agent, problems = validated(AgentSettings, document, at, name=name)
        draft.problems += problems
        if agent:
            draft.agents[name] = Written(name, agent, document, at)


def _entries(draft: Draft, path: Path, section: str) -> Iterator[tuple[Document, str]]:
    """The names under ``section``, the only thing in the file."""
    document = _document(draft, path)
    if document is None:
        return
    sections, problems = validated(_SECTIONS[section], document)
    draft.problems += problems
    for name, body in _mapping(sections and getattr(sections, section)).items():
        if isinstance(body, dict) and "name" in body:
            at = (section, name, "name")
            message = f"unknown setting `name`: `{name}` is the name already"
            draft.problems.append(document.problem(at, "E201", message, "remove it", key=True))
        else:
            yield document, name


class _QueuesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    queues: dict[str, Any]


class _AgentsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    agents: dict[str, Any]


_SECTIONS: dict[str, type[BaseModel]] = {"queues": _QueuesFile, "agents": _AgentsFile}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_routes(draft: Draft, path: Path) -> None:
    document = _document(draft, path)
    if document is None:
        return
    draft.calendar_names |= set(_mapping(_mapping(document.data).get("calendars")))
    routes, problems = validated(RoutesFile, document)
    draft.problems += problems
    if routes is None:
        return
    for key, number in routes.numbers.items():
        draft.numbers.append(Written(key, number, document, ("numbers", key)))
    for name, calendar in routes.calendars.items():
        written = Written(name, calendar, document, ("calendars", name))
        _once(draft, draft.calendars, written, "calendar")
    if routes.default:
        _default(draft, Written("default", routes.default, document, ("default",)))
    if routes.features:
        _features(draft, Written("features", routes.features, document, ("features",)))
    if routes.outbound:
        _outbound(draft, Written("outbound", routes.outbound, document, ("outbound",)))


def _default(draft: Draft, written: Written[NumberSettings]) -> None:
    if draft.default:
        draft.problems.append(_twice("the default", written, draft.default))
    draft.default = draft.default or written


def _features(draft: Draft, written: Written[FeatureSettings]) -> None:
    if draft.features:
        draft.problems.append(_twice("the feature codes", written, draft.features))
    draft.features = draft.features or written


def _outbound(draft: Draft, written: Written[OutboundSettings]) -> None:
    if draft.outbound:
        draft.problems.append(_twice("`outbound`", written, draft.outbound))
    draft.outbound = draft.outbound or written


def _read_flow(draft: Draft, path: Path) -> None:
    document = _document(draft, path)
    if document is None:
        return
    data = _mapping(document.data)
    is_flow = bool(data.keys() & {"flow", "start", "nodes"}) or "prompts" not in data
    if is_flow and isinstance(data.get("flow"), str):
        draft.flow_names.add(data["flow"])
    model: type[Flow] | type[PromptFile] = Flow if is_flow else PromptFile
    content, problems = validated(model, document)
    draft.problems += problems
    if isinstance(content, Flow):
        written = Written(content.name, content, document, ())
        _once(draft, draft.flows, written, "flow", at=("flow",))
    if isinstance(content, Flow | PromptFile):
        draft.prompts[path] = Written("prompts", content.prompts, document, ())


def _once(
    draft: Draft, kept: dict[str, Written[T]], written: Written[T], what: str, at: Loc = ()
) -> None:
    """Keep the first of a name; a second one is a problem."""
    first = kept.setdefault(written.name, written)
    if first is not written:
        draft.problems.append(_twice(f"{what} `{written.name}`", written, first, at))


def _twice(what: str, second: Written[Any], first: Written[Any], at: Loc = ()) -> Problem:
    message = f"{what} is written twice; first in {first.place()}"
    return second.problem("E309", message, "keep one of them", at=at, key=True)
