"""`tongdai recordings`: which there are, fetching and checking them, keeping and deleting them.

All of it works without a running engine, and beside one: the ledger lets each change happen once.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.text import Text

from engine import secrets
from engine.cli.terminal import AsJson, Config, answer, console, errors, fail, read_settings
from engine.cli.terminal import user as this_user
from engine.recordings.archive import Archive, KeptForGood, NotHere
from engine.recordings.keys import KeyUnusable
from engine.recordings.opening import open_archive, open_without_keys
from engine.recordings.places import PlaceError
from engine.settings import Settings
from engine.store.audit import AuditLog
from engine.store.ledger import Ledger
from engine.store.recordings import HERE, RecordingFile, Wanted
from engine.tables import Table

T = TypeVar("T")

app = typer.Typer(help="Find, fetch, check, keep and delete recordings.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The recording, as `tongdai recordings list` shows it.")]


@app.command("list")
def list_(
    call: Annotated[str, typer.Option(help="Only of this call.")] = "",
    agent: Annotated[str, typer.Option(help="Only those in which one hears him.")] = "",
    queue: Annotated[str, typer.Option(help="Only of this queue.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 20,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the newest recordings, and what became of their files."""

    async def ask(archive: Archive, _: AuditLog) -> list[RecordingFile]:
        return await archive.files.find(Wanted(call, agent, queue), limit)

    found = _with_archive(config, ask)
    if as_json:
        print(json.dumps([_told(file) for file in found], ensure_ascii=False))
    elif found:
        console.print(recordings_table(found))
    else:
        console.print("no recordings yet")


@app.command()
def show(name: Name, config: Config = None) -> None:
    """Show all that is known of one, as JSON."""

    async def ask(archive: Archive, _: AuditLog) -> dict[str, Any]:
        file = await _known(archive, name)
        return _told(file) | {"agents": (await archive.files.agents([name]))[name]}

    print(json.dumps(_with_archive(config, ask), ensure_ascii=False, indent=1))


@app.command()
def fetch(
    name: Name,
    to: Annotated[Path | None, typer.Option(help="The file; in this folder when absent.")] = None,
    config: Config = None,
) -> None:
    """Write what is to be heard of one into a file, decrypted; that is in the audit log."""

    async def ask(archive: Archive, audit: AuditLog) -> Path:
        file = await _known(archive, name)
        target = to or Path(f"{name}.{file.format}")
        size = archive.bytes_of(file)
        await audit.note(archive.now(), this_user(), "hear_recording", name, contact=file.call)
        with target.open("xb") as written:
            try:
                async with aclosing(archive.read(file, 0, size)) as pieces:
                    async for piece in pieces:
                        written.write(piece)
            except BaseException:
                target.unlink()  # half of it is nothing to keep
                raise
        return target

    console.print(f"[green]ok[/]: {_with_archive(config, ask, needs_keys=True)}")


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all when absent.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Read recordings again and compare them with what was stored. Ends with 1 when one differs."""

    async def ask(archive: Archive, _: AuditLog) -> list[dict[str, Any]]:
        if names:
            return [asdict(await archive.check(await _known(archive, name))) for name in names]
        return [
            asdict(await archive.check(file))
            for state in HERE
            async for file in archive.files.in_state(state)
        ]

    checked = _with_archive(config, ask, needs_keys=True)
    bad = [each for each in checked if each["problem"]]
    if as_json:
        print(json.dumps(checked, ensure_ascii=False))
    else:
        for each in bad:
            errors.print(f"{each['name']}: {each['problem']}", style="red", markup=False)
        console.print(f"{len(checked) - len(bad)} of {len(checked)} recordings are as stored")
    if bad:
        raise typer.Exit(1)


@app.command()
def delete(name: Name, config: Config = None) -> None:
    """Delete one for good: first its key, then its file. What is known of it stays."""

    async def ask(archive: Archive, _: AuditLog) -> None:
        if not await archive.delete(await _known(archive, name), this_user()):
            fail(f"{name} was deleted, or is in another recording of its call")

    _with_archive(config, ask)
    console.print("[green]ok[/]: deleted")


@app.command()
def keep(
    name: Name,
    release: Annotated[bool, typer.Option("--release", help="It may be deleted again.")] = False,
    config: Config = None,
) -> None:
    """Keep one for good: neither its retention nor anybody deletes it until it is released."""

    async def ask(archive: Archive, audit: AuditLog) -> None:
        file = await _known(archive, name)
        if not await archive.keep(name, not release):
            fail(f"{name} was deleted")
        did = "release_recording" if release else "keep_recording"
        await audit.note(archive.now(), this_user(), did, name, contact=file.call)

    _with_archive(config, ask)
    console.print(f"[green]ok[/]: {'released' if release else 'kept for good'}")


@app.command()
def rewrap(config: Config = None) -> None:
    """After a change of the master key: wrap the keys of all files by the new one."""

    async def ask(archive: Archive, audit: AuditLog) -> int:
        if not archive.keys.current:
            fail("there is no `key` in the settings of `recordings`")
        done = await archive.rewrap()
        key = archive.keys.current
        await audit.note(archive.now(), this_user(), "rewrap_recordings", key, str(done))
        return done

    done = _with_archive(config, ask, needs_keys=True)
    console.print(f"[green]ok[/]: {done} rewrapped; the old keys are needed no more")


def recordings_table(files: list[RecordingFile]) -> Table:
    """Recordings as people read them."""
    table = Table(title="Recordings")
    for column in ("recording", "began", "kind", "queue", "length", "state", "remarks"):
        table.add_column(column, justify="right" if column == "length" else "left")
    for file in files:
        seconds = file.stored_seconds or file.seconds
        table.add_row(
            *map(Text, (file.name, _moment(file.started), file.kind, file.queue)),
            Text(f"{seconds:.1f} s"),
            Text(file.state),
            Text("; ".join(_remarks(file))),
        )
    return table


def _remarks(file: RecordingFile) -> list[str]:
    remarks = [file.problem, file.trouble]
    remarks.append("kept for good" if file.kept else "")
    remarks.append("encrypted" if file.key_id else "")
    remarks.append("stereo" if file.channels == 2 else "")
    remarks.append(f"gaps: {len(file.gaps)}" if file.gaps else "")
    return [remark for remark in remarks if remark]


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _told(file: RecordingFile) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if name != "wrapped_key"}


async def _known(archive: Archive, name: str) -> RecordingFile:
    file = await archive.files.one(name)
    if file is None:
        fail(f"there is no recording {name}: `tongdai recordings list` shows them")
    return file


def _with_archive(
    config: Path | None,
    ask: Callable[[Archive, AuditLog], Awaitable[T]],
    needs_keys: bool = False,
) -> T:
    """The answer, or the end of the command with what is wrong: a missing key only if needed."""
    settings = read_settings(config)
    try:
        return answer(_asked(settings, ask, needs_keys))
    except (KeyUnusable, PlaceError, NotHere, KeptForGood, OSError) as error:
        fail(str(error))


async def _asked(
    settings: Settings, ask: Callable[[Archive, AuditLog], Awaitable[T]], needs_keys: bool
) -> T:
    async with _archive(settings, needs_keys) as (archive, audit):
        return await ask(archive, audit)


@asynccontextmanager
async def _archive(settings: Settings, needs_keys: bool) -> AsyncIterator[tuple[Archive, AuditLog]]:
    ledger = Ledger(settings.database_url)
    known, _ = secrets.load(settings.secrets_file)
    await ledger.open()
    try:
        try:
            archive = open_archive(settings.recordings, known, ledger, time.time)
        except KeyUnusable:
            if needs_keys:
                raise
            archive = open_without_keys(ledger, time.time)
        try:
            yield archive, AuditLog(ledger)
        finally:
            await archive.places.close()
    finally:
        await ledger.close()
