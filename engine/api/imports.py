"""Files of leads that are sent to the engine: kept on its disk, and imported while it dials.

The body is the file itself, of any size. What came of it is kept until the engine ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict

from acd.settings import Name
from engine.api.keys import ENGINE, ServedEngine
from engine.api.problems import Problem, validated
from engine.lead_import.csv_file import FileRefused
from engine.lead_import.in_thread import Progress
from engine.lead_import.leads import ImportOptions, ImportReport, import_leads
from engine.lead_import.rows import FIELDS
from engine.ports import LedgerDown, LedgerRefused

log = structlog.get_logger("api")

_CHUNK: Final = 1 << 18


class _Into(BaseModel):
    """The list in the path."""

    model_config = ConfigDict(extra="forbid")
    list: Name


@dataclass(slots=True)
class Running:
    """One import: ``state`` is running, done, refused or failed; ``why`` of the last two."""

    id: str
    list: str
    file: Path
    state: str = "running"
    why: str = ""
    progress: Progress | None = None
    report: ImportReport | None = None

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "import": self.id,
            "list": self.list,
            "state": self.state,
            "why": self.why,
            "progress": asdict(self.progress) if self.progress else None,
            "report": asdict(self.report) if self.report else None,
        }


class Imports:
    """The imports of this engine, and their tasks, which end with the server."""

    def __init__(self) -> None:
        self.known: dict[str, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, running: Running, engine: ServedEngine, how: Mapping[str, Any]) -> None:
        """Import the file, in the background."""
        self.known[running.id] = running
        task = asyncio.get_running_loop().create_task(_run(running, engine, how))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Break off what still runs; what is in the ledger by then stays there."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


IMPORTS: web.AppKey[Imports] = web.AppKey("imports", Imports)


async def keep_imports(app: web.Application) -> Any:
    """The imports of one server."""
    app[IMPORTS] = Imports()
    yield
    await app[IMPORTS].stop()


async def _import(request: web.Request) -> web.Response:
    """202; ``Location`` is where to see how far it is."""
    engine = request.app[ENGINE]
    into = validated(dict(request.match_info), _Into, "path").list
    how = _how(engine, request)
    id_ = f"{engine.clock.now():.6f}"
    folder = engine.settings.state_dir / "imports"
    running = Running(id_, into, folder / f"{into}-{id_}.csv")
    await _receive(request, running.file)
    request.app[IMPORTS].begin(running, engine, how)
    place = f"/v1/imports/{id_}"
    return web.json_response(running.shown(), status=202, headers={"Location": place})


async def _progress(request: web.Request) -> web.Response:
    known, name = request.app[IMPORTS].known, request.match_info["import"]
    if name not in known:
        raise Problem(404, "Unknown import", f"There is no import {name!r} since the start.")
    return web.json_response(known[name].shown())


def _how(engine: ServedEngine, request: web.Request) -> dict[str, Any]:
    """Which column holds what, and how the file is to be read: from the query."""
    asked = dict(request.query)
    mapping = {field: asked.pop(field) for field in FIELDS if field in asked}
    asked.setdefault("region", engine.settings.region)
    if "bad_rows" in asked:
        raise Problem(422, "Invalid query", "bad_rows: the engine keeps them beside the file.")
    return {"mapping": mapping, "options": validated(asked, ImportOptions, "query")}


async def _receive(request: web.Request, file: Path) -> None:
    try:
        await asyncio.to_thread(file.parent.mkdir, parents=True, exist_ok=True)
        with file.open("wb") as kept:
            async for chunk in request.content.iter_chunked(_CHUNK):
                await asyncio.to_thread(kept.write, chunk)
    except OSError as error:
        raise Problem(503, "Disk full", f"{file} cannot be written: {error.strerror}.") from error


async def _run(running: Running, engine: ServedEngine, how: Mapping[str, Any]) -> None:
    def tell(progress: Progress) -> None:
        running.progress = progress

    bad = running.file.with_suffix(".bad.csv")
    options = how["options"].model_copy(update={"bad_rows": bad})
    store = engine.campaigns.store
    try:
        running.report = await import_leads(
            store, running.list, running.file, how["mapping"], options, tell
        )
        running.state = "done"
    except FileRefused as error:
        running.state, running.why = "refused", str(error)
    except (LedgerDown, LedgerRefused) as error:
        running.state, running.why = "failed", f"{error}; import the file again"
    finally:
        running.file.unlink(missing_ok=True)
    log.info("leads_imported", list=running.list, state=running.state, why=running.why or None)


ROUTES = [
    web.post("/v1/lists/{list}/import", _import),
    web.get("/v1/imports/{import}", _progress),
]
