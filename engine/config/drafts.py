"""What the site's files say, each part with its place, before anything is checked across files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from acd.agent_settings import DEFAULT_MEDIA, AgentSettings, Medium, PauseReason
from acd.queues import QueueSettings
from acd.settings import Name
from dialer.campaign import CampaignSettings, DoNotCallSettings, Endpoint
from dialer.compliance.rules import RuleSet
from dialer.trunks import TrunkLimits
from dialplan.schema import (
    CalendarSettings,
    FeatureSettings,
    NumberSettings,
    OutboundSettings,
    RoomSettings,
    RoutesFile,
    TargetSettings,
)
from engine.config.campaign_changes import (
    Changes,
    makes_campaign,
    merged,
    read_changes,
    settings_of,
)
from engine.config.problems import Problem, listed, suggestion
from engine.config.recorded import check_recordings
from engine.config.text_file import BadFile
from engine.config.validation import validated
from engine.config.yaml_file import Document, Loc, read
from engine.ivr.schema import Flow, PromptFile, PromptTable

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SitePaths:
    """Where the files are that operations people write.

    ``secrets`` and ``systems`` are the names that flows may use; None when they are not checked.
    ``campaigns_file`` None: there are no campaigns; ``changes_file`` is how the API changed them.
    """

    agents_file: Path
    queues_file: Path
    routes_dir: Path
    flows_dir: Path
    secrets: frozenset[str] | None = None
    systems: frozenset[str] | None = None
    campaigns_file: Path | None = None
    changes_file: Path | None = None


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

    def unknown(
        self, code: str, what: str, name: str, known: Iterable[str], *, at: Loc, key: bool = False
    ) -> Problem:
        """A problem of a ``name`` that nothing has."""
        known = set(known)
        message = f"there is no {what} `{name}`{suggestion(name, known)}"
        return self.problem(code, message, f"known: {listed(known)}", at=at, key=key)

    def place(self) -> str:
        """``file:line``, to speak of it elsewhere."""
        return f"{self.document.path}:{self.document.position(self.path, key=True).line}"


@dataclass(slots=True)
class Draft:
    """All files of a site as read.

    The sets of names hold also those whose settings are wrong, so that a wrong queue is not
    reported as an unknown one, too. Of the files in ``unread`` nothing is known, not even names.
    """

    problems: list[Problem] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    queues: dict[str, Written[QueueSettings]] = field(default_factory=dict)
    agents: dict[str, Written[AgentSettings]] = field(default_factory=dict)
    media: dict[str, Written[Medium]] = field(default_factory=dict)
    reasons: dict[str, Written[PauseReason]] = field(default_factory=dict)
    numbers: list[Written[NumberSettings]] = field(default_factory=list)
    default: Written[NumberSettings] | None = None
    calendars: dict[str, Written[CalendarSettings]] = field(default_factory=dict)
    features: Written[FeatureSettings] | None = None
    outbound: Written[OutboundSettings] | None = None
    rooms: dict[str, Written[RoomSettings]] = field(default_factory=dict)
    flows: dict[str, Written[Flow]] = field(default_factory=dict)
    prompts: dict[Path, Written[PromptTable]] = field(default_factory=dict)
    queue_names: set[str] = field(default_factory=set)
    calendar_names: set[str] = field(default_factory=set)
    room_names: set[str] = field(default_factory=set)
    flow_names: set[str] = field(default_factory=set)
    campaigns: dict[str, Written[CampaignSettings]] = field(default_factory=dict)
    campaigns_written: dict[str, Any] = field(default_factory=dict)
    campaign_changes: Changes = field(default_factory=dict)
    trunk_limits: dict[str, Written[TrunkLimits]] = field(default_factory=dict)
    rules: dict[str, Written[RuleSet]] = field(default_factory=dict)
    rule_names: set[str] = field(default_factory=set)
    do_not_call: dict[str, Written[DoNotCallSettings]] = field(default_factory=dict)

    def all_media(self) -> dict[str, Medium]:
        """The shipped media and the site's own; what one of these leaves out stays as shipped."""
        media = {medium.name: medium for medium in DEFAULT_MEDIA}
        for name, written in self.media.items():
            own = written.value.model_dump(exclude_unset=True)
            media[name] = media[name].model_copy(update=own) if name in media else written.value
        return media

    def entries(self) -> list[Written[NumberSettings]]:
        """All numbers, and the default."""
        return [*self.numbers, *([self.default] if self.default else [])]


def read_center(queues_file: Path | None, agents_file: Path | None) -> Draft:
    """Read queues, agents or both; what is wrong with them is in ``problems``."""
    draft = Draft()
    if queues_file is not None:
        _read_queues(draft, queues_file)
    if agents_file is not None:
        _read_agents(draft, agents_file)
    return draft


def read_all(paths: SitePaths) -> Draft:
    """Read every file; what is wrong with one of them is in ``problems``."""
    draft = read_center(paths.queues_file, paths.agents_file)
    for path in _yaml_files(draft, paths.routes_dir):
        _read_routes(draft, path)
    _read_flows(draft, paths.flows_dir)
    if paths.campaigns_file is not None:
        _read_campaigns(draft, paths.campaigns_file)
    if paths.changes_file is not None:
        _change_campaigns(draft, paths.changes_file)
    return draft


def read_flows(flows_dir: Path) -> Draft:
    """Read flows and prompts alone."""
    draft = Draft()
    _read_flows(draft, flows_dir)
    return draft


def every_target(number: NumberSettings) -> Iterator[tuple[Loc, TargetSettings]]:
    """Where calls to a number may go, each with its place in the number's settings."""
    yield (), number
    if number.closed:
        yield ("closed",), number.closed
    for caller, target in number.callers.items():
        yield ("callers", caller), target


def settings_files(folder: Path) -> list[Path]:
    """The files of settings in a folder; ``*.test.yaml`` are tests of flows. Raises ``OSError``."""
    return sorted(path for path in folder.iterdir() if _is_settings(path))


def _is_settings(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml") and not path.stem.endswith(".test")


def _yaml_files(draft: Draft, folder: Path) -> list[Path]:
    try:
        files = settings_files(folder)
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


class _QueuesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    queues: dict[str, Any]


class _AgentsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    agents: dict[str, Any]
    media: dict[str, Any] = {}
    pause_reasons: dict[str, Any] = {}


class _CampaignsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    campaigns: dict[str, Any] = {}
    trunks: dict[Endpoint, Any] = {}
    rules: dict[Name, Any] = {}
    do_not_call: dict[Name, Any] = {}


def _read_queues(draft: Draft, path: Path) -> None:
    document = _sectioned(draft, path, _QueuesFile)
    if document:
        draft.queue_names |= document.data["queues"].keys()
        _read_named(draft, document, "queues", QueueSettings, draft.queues)


def _read_agents(draft: Draft, path: Path) -> None:
    document = _sectioned(draft, path, _AgentsFile)
    if document:
        _read_named(draft, document, "agents", AgentSettings, draft.agents)
        _read_named(draft, document, "media", Medium, draft.media)
        _read_named(draft, document, "pause_reasons", PauseReason, draft.reasons)


def _read_campaigns(draft: Draft, path: Path) -> None:
    document = _sectioned(draft, path, _CampaignsFile)
    if document:
        draft.campaigns_written |= _mapping(document.data.get("campaigns"))
        draft.rule_names |= _mapping(document.data.get("rules")).keys()
        _read_named(draft, document, "campaigns", CampaignSettings, draft.campaigns)
        _read_named(draft, document, "trunks", TrunkLimits, draft.trunk_limits)
        _read_named(draft, document, "rules", RuleSet, draft.rules)
        _read_named(draft, document, "do_not_call", DoNotCallSettings, draft.do_not_call)


def _change_campaigns(draft: Draft, path: Path) -> None:
    """Put what the API changed in the place of what the file says."""
    draft.campaign_changes, problems = read_changes(path)
    draft.problems += problems
    for name, changes in draft.campaign_changes.items():
        if name not in draft.campaigns_written and not makes_campaign(changes):
            draft.problems.append(_rests(name, path))
            continue
        settings = merged(draft.campaigns_written.get(name), changes)
        value, document, problems = settings_of(name, settings)
        draft.problems += problems
        if value and document:
            draft.campaigns[name] = Written(name, value, document, ())


def _rests(campaign: str, path: Path) -> Problem:
    """The campaign drains, and no engine is kept from its start by what it was changed to."""
    message = f"campaign `{campaign}` is in no file any more: its changes rest"
    hint = f"`tongdai campaign revert {campaign}`, or write it again"
    return Problem.about(path, "W333", message, hint)


def _sectioned(draft: Draft, path: Path, model: type[BaseModel]) -> Document | None:
    """The file, when it has the sections of ``model``."""
    document = _document(draft, path)
    if document is None:
        return None
    sections, problems = validated(model, document)
    draft.problems += problems
    if sections is None:
        draft.unread.append(path)
        return None
    return document


def _read_named(
    draft: Draft,
    document: Document,
    section: str,
    model: type[Model],
    kept: dict[str, Written[Model]],
) -> None:
    """What stands under ``section``, each part under its name."""
    for name, body in _mapping(document.data.get(section)).items():
        at = (section, name)
        if isinstance(body, dict) and "name" in body:
            message = f"unknown setting `name`: `{name}` is the name already"
            problem = document.problem((*at, "name"), "E201", message, "remove it", key=True)
            draft.problems.append(problem)
            continue
        given = {"name": name} if "name" in model.model_fields else {}
        part, problems = validated(model, document, at, **given)
        draft.problems += problems
        if part:
            kept[name] = Written(name, part, document, at)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_routes(draft: Draft, path: Path) -> None:
    document = _document(draft, path)
    if document is None:
        return
    draft.calendar_names |= set(_mapping(_mapping(document.data).get("calendars")))
    draft.room_names |= set(_mapping(_mapping(document.data).get("rooms")))
    routes, problems = validated(RoutesFile, document)
    draft.problems += problems
    if routes is None:
        return
    for key, number in routes.numbers.items():
        draft.numbers.append(Written(key, number, document, ("numbers", key)))
    for name, calendar in routes.calendars.items():
        written = Written(name, calendar, document, ("calendars", name))
        _once(draft, draft.calendars, written, "calendar")
    for name, room in routes.rooms.items():
        _once(draft, draft.rooms, Written(name, room, document, ("rooms", name)), "room")
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


def _read_flows(draft: Draft, flows_dir: Path) -> None:
    for path in _yaml_files(draft, flows_dir):
        _read_flow(draft, path)
    draft.problems += check_recordings(flows_dir)


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
