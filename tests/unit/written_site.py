"""A site of two queues on disk, good until a test replaces one of its files."""

from __future__ import annotations

from pathlib import Path

from engine.config.drafts import SitePaths
from engine.config.problems import Problem

QUEUES = """\
queues:
  support:
    ring_seconds: 15
  sales:
    wrap_up: 5
"""
AGENTS = """\
agents:
  an:
    extension: "3001"
    queues: [support, sales]
  binh:
    extension: "3002"
    queues: [support]
"""
ROUTES = """\
numbers:
  "19001000": {flow: main, language: en, calendar: office}
  "19001003": {queue: support}
calendars:
  office:
    timezone: Asia/Ho_Chi_Minh
    open:
      mon-fri: 08:00-17:00
features:
  login: "*10"
  pause: "*13"
  pause_reasons: {"1": lunch}
"""
FLOW = """\
flow: main
start: hours
prompts:
  bye: {en: Good-bye.}
nodes:
  hours:
    type: hours
    calendar: route
    open: line
    closed: bye
  line:
    type: queue
    queue: support
    timeout: bye
    full: bye
    no_agents: bye
  bye:
    type: hangup
    prompts: bye
"""


def write_site(
    folder: Path,
    queues: str = QUEUES,
    agents: str = AGENTS,
    routes: str = ROUTES,
    flow: str = FLOW,
    **more: str,
) -> SitePaths:
    """The site's files in ``folder``; ``more`` as `flows__second` for `flows/second.yaml`."""
    files = {
        "queues.yaml": queues,
        "agents.yaml": agents,
        "routes/main.yaml": routes,
        "flows/main.yaml": flow,
    }
    files |= {f"{name.replace('__', '/')}.yaml": text for name, text in more.items()}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return SitePaths(
        agents_file=folder / "agents.yaml",
        queues_file=folder / "queues.yaml",
        routes_dir=folder / "routes",
        flows_dir=folder / "flows",
    )


def told(problems: list[Problem]) -> list[str]:
    """Each problem as `file:line:column code`."""
    return [f"{Path(p.file).name}:{p.line}:{p.column} {p.code}" for p in problems]
