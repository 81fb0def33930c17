"""Where things are: the files shipped with the engine, what it downloads, and what it keeps.

In a checkout the shipped folders lie at the top; in an installed wheel they are inside the
packages. Nothing here creates a folder.
"""

from __future__ import annotations

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_TOP = _PACKAGE.parent
_IN_CHECKOUT = (_TOP / "pyproject.toml").is_file()
_DATA = _TOP if _IN_CHECKOUT else _PACKAGE / "data"

FLOWS = _DATA / "ivr_flows"
"""The shipped flows and their prompts."""

ASTERISK_TEMPLATES = _DATA / "asterisk-config"
"""Templates of Asterisk's configuration, ``*.conf``."""

DIALPLAN_TEMPLATE = _TOP / "dialplan" / "asterisk" / "extensions.conf"
"""The few dialplan contexts that live in Asterisk."""

ROUTES = _TOP / "dialplan" / "routes"
"""The shipped routes: which number leads where."""

CENTER = _TOP / "acd"
"""The shipped example center: its agents and queues."""

CAMPAIGNS = _TOP / "dialer" / "campaigns.yaml"
"""The shipped example campaigns, all of them drafts."""


def cache_dir() -> Path:
    """What can be made or downloaded again: the private Asterisk, spoken prompts, music."""
    if chosen := os.environ.get("TONGDAI_CACHE"):
        return Path(chosen).expanduser().absolute()
    return _base("XDG_CACHE_HOME", ".cache") / "tongdai"


def state_dir() -> Path:
    """What a running engine keeps: database, recordings, logs."""
    if _IN_CHECKOUT:
        return _TOP / ".run"
    return _base("XDG_STATE_HOME", ".local/state") / "tongdai"


def _base(variable: str, below_home: str) -> Path:
    """A folder of the XDG base directory specification, which ignores relative values."""
    chosen = Path(os.environ.get(variable, ""))
    return chosen if chosen.is_absolute() else Path.home() / below_home
