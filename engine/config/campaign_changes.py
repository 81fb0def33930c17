"""Campaigns as they were changed while the engine runs, over what their file says.

A change is a JSON merge patch (RFC 7396) of one campaign's settings: what it names is replaced,
what it gives as null is as if it were not written. Changes stand in ``state_dir/campaigns.json``,
one after the other with who and why, so that each can be taken back; the file that people write is
never touched. A campaign that is in no file is a change, too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from dialer.campaign import CampaignSettings
from engine import whole_file
from engine.config.problems import Problem
from engine.config.text_file import BadFile, read_text
from engine.config.validation import validated
from engine.config.yaml_file import Document, parse


class Change(BaseModel):
    """Somebody changed these ``settings`` of a campaign, ``at`` this time (epoch seconds)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: float = Field(ge=0, allow_inf_nan=False)
    by: str
    why: str = ""
    settings: dict[str, JsonValue]


Changes = Mapping[str, tuple[Change, ...]]
"""The changes of each campaign that has any, the oldest first."""

MOST_CHANGES = 200
"""Of one campaign: whoever changes it every minute should write it anew instead."""

_FILE = TypeAdapter(dict[str, tuple[Change, ...]])


def read_changes(file: Path) -> tuple[Changes, list[Problem]]:
    """What stands in ``file``; no such file: nothing was changed."""
    if not file.exists():
        return {}, []
    try:
        return _FILE.validate_json(read_text(file)), []
    except BadFile as error:
        return {}, [error.problem]
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, told["loc"]))
        message = f"these are no changes of campaigns: {place or 'the file'}: {told['msg']}"
        return {}, [Problem.about(file, "E104", message, "restore the file, or remove it")]


def write_changes(file: Path, changes: Changes) -> None:
    """Put ``changes`` into ``file`` in one step. Raises ``OSError``."""
    kept = {name: each for name, each in changes.items() if each}
    whole_file.write(file, _FILE.dump_json(kept, indent=1), mode=0o660)


def changed(changes: Changes, campaign: str, change: Change) -> Changes:
    """With one change more."""
    return {**changes, campaign: (*changes.get(campaign, ()), change)}


def reverted(changes: Changes, campaign: str, *, last: bool = False) -> Changes:
    """Without the changes of a campaign, or without the last of them."""
    kept = changes.get(campaign, ())[:-1] if last else ()
    others = {name: each for name, each in changes.items() if name != campaign}
    return {**others, campaign: kept} if kept else others


def makes_campaign(changes: Sequence[Change]) -> bool:
    """Whether these began with a whole campaign, and not with some settings of one in the file."""
    return bool(changes) and "mode" in changes[0].settings


def merged(written: Mapping[str, Any] | None, changes: Iterable[Change]) -> dict[str, Any]:
    """The settings as they are in force: what is written, with each change in turn."""
    settings: Any = dict(written or {})
    for change in changes:
        settings = _patched(settings, change.settings)
    return dict(settings)


def _patched(target: Any, patch: Any) -> Any:
    """``target`` after a merge patch."""
    if not isinstance(patch, Mapping):
        return patch
    kept = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = _patched(kept.get(key), value)
    return kept


def settings_of(
    campaign: str, settings: Mapping[str, Any]
) -> tuple[CampaignSettings | None, Document | None, list[Problem]]:
    """Changed settings, the document in which their problems are told, and these."""
    where = Path(f"campaign {campaign}, as changed by the API")
    text = json.dumps(settings, ensure_ascii=False, indent=2)
    try:
        document = parse(where, text)
    except BadFile as error:
        return None, None, [error.problem]
    value, problems = validated(CampaignSettings, document, name=campaign)
    return value, document, problems
