"""The files of a live test's site: its own, and from the shipped ones what every engine says.

The shipped example flows stay outside: they name numbers, calendars and services of their own.
"""

from pathlib import Path
from textwrap import dedent

from engine import paths

SPOKEN = ("system", "queue", "dialogs", "spoken")
"""The shipped files of prompts; they have no flows."""

_SITE = Path(__file__).parent / "site"


def write_site(folder, files):
    """Write a site of these files, text by name (``flows/shop.yaml``); returns ``settings_of`` it.

    Texts may be indented as a whole.
    """
    spoken = {f"flows/{name}.yaml": shipped_flow(name) for name in SPOKEN}
    for name, text in (spoken | files).items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")
    return settings_of(folder)


def usual_site(folder, files=None):
    """Write the site of ``center``'s numbers, with these files over it or beside it."""
    own = {str(file.relative_to(_SITE)): file.read_text("utf-8") for file in _SITE.rglob("*.yaml")}
    return write_site(folder, own | {"flows/main.yaml": shipped_flow("main")} | (files or {}))


def shipped_flow(name):
    """The text of a shipped file of flows or prompts."""
    return (paths.FLOWS / f"{name}.yaml").read_text("utf-8")


def settings_of(folder):
    """Where the engine finds the site's files."""
    return {
        "TONGDAI_FLOWS_DIR": str(folder / "flows"),
        "TONGDAI_AGENTS_FILE": str(folder / "agents.yaml"),
        "TONGDAI_QUEUES_FILE": str(folder / "queues.yaml"),
        "TONGDAI_ROUTES_DIR": str(folder / "routes"),
    }
