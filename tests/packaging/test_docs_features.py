"""The page of feature codes says what the shipped site has."""

from __future__ import annotations

import re
from pathlib import Path

from dialplan.features import Action
from dialplan.talk_codes import DEFAULT_CODES, TalkAction
from engine.config.site import load
from engine.settings import Settings

TOP = Path(__file__).resolve().parents[2]
PAGE = (TOP / "docs" / "feature-codes.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]


def table(actions: type[Action] | type[TalkAction]) -> dict[str, str]:
    """The code of each action, as its row has it; a row may be about several."""
    known = set(actions)
    found: dict[str, str] = {}
    for codes, named, *_ in ROWS:
        names = re.findall(r"`([a-z_]+)`", named)
        if set(names) <= known:
            written = re.findall(r"`([*#][^`…]*)…?`", codes)
            found |= dict(zip(names, written, strict=False))
    return found


def test_every_code_that_is_dialed_is_explained_as_it_is_shipped() -> None:
    site, problems = load(Settings().site_paths)
    assert site is not None, problems
    explained = table(Action)
    assert explained.keys() == set(Action)
    shipped = {action.value: code for code, action in site.features.codes.items()}
    assert shipped.items() <= explained.items()


def test_every_code_that_is_pressed_is_explained_as_it_is_shipped() -> None:
    site, problems = load(Settings().site_paths)
    assert site is not None, problems
    assert site.features.talk.codes == DEFAULT_CODES
    usual = {action.value: code for code, action in DEFAULT_CODES.items()}
    assert table(TalkAction) == usual
