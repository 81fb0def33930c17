"""What the ledger says of recordings' files, in both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sample_call import CALL, T

from engine.call_record import SURVEY, VOICEMAIL, PartyStretch, RecordingMade, SegmentKind
from engine.store import recordings
from engine.store.ledger import Ledger
from engine.store.recordings import FileState, RecordingFiles, Wanted

pytest_plugins = ["databases"]

NEW, FINISHED, DELETED = FileState.NEW, FileState.FINISHED, FileState.DELETED


def made(name: str, started: float = T, kind: str = "talk") -> RecordingMade:
    return RecordingMade(name, f"/spool/{name}.wav", started, 5.0, 80_044, True, "", kind)


@pytest.fixture
async def files(ledger: Ledger) -> RecordingFiles:
    """Three recordings of a call, one of another; the first three began together."""
    first = tuple(made(f"c-1-r{n}") for n in (3, 1, 2))
    guest = PartyStretch("c-1-a9", "agent", "an", SegmentKind.TALK, T + 20, T + 30)
    await ledger.save_call(replace(CALL, recordings=first, parties=(guest,)))
    other = replace(CALL, call="c-2", offers=(), recordings=(made("c-2-r1", T + 60),))
    await ledger.save_call(other)
    return RecordingFiles(ledger)


async def names_in(files: RecordingFiles, state: FileState) -> list[str]:
    return [file.name async for file in files.in_state(state)]


async def found(files: RecordingFiles, wanted: Wanted) -> list[str]:
    return [file.name for file in await files.find(wanted)]


async def test_all_that_are_new_are_found_page_by_page(
    files: RecordingFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "_PAGE", 2)
    everything = ["c-1-r1", "c-1-r2", "c-1-r3", "c-2-r1"]
    assert await names_in(files, NEW) == everything
    seen = []
    async for file in files.in_state(NEW):  # also while they leave the state
        await files.change(file.name, [NEW], state=FINISHED)
        seen.append(file.name)
    assert seen == everything
    assert await names_in(files, FINISHED) == everything


async def test_a_change_is_made_once_and_only_from_the_state_it_is_meant_for(
    files: RecordingFiles,
) -> None:
    assert await files.change("c-1-r1", [NEW], state=FINISHED, place="/a", sha256="1" * 64)
    assert not await files.change("c-1-r1", [NEW], state=FINISHED, place="/b")
    assert not await files.change("none", [NEW], state=FINISHED)
    file = await files.one("c-1-r1")
    assert file is not None
    assert (file.state, file.file, file.sha256) == (FINISHED, "/a", "1" * 64)
    assert await files.one("none") is None
    assert await files.one("\0" * 300) is None


async def test_what_is_superfluous_is_remembered_until_it_is_cleared(
    files: RecordingFiles,
) -> None:
    await files.change("c-1-r1", [NEW], state=FINISHED, superfluous=["/spool/a"])
    await files.change("c-1-r1", [FINISHED], state=DELETED, superfluous=["s3://b/c"])
    assert await files.superfluous() == [("c-1-r1", ["/spool/a", "s3://b/c"])]
    await files.cleared("c-1-r1", ["/spool/a"])  # by one who does not know of the other
    assert await files.superfluous() == [("c-1-r1", ["/spool/a", "s3://b/c"])]
    await files.cleared("c-1-r1", ["/spool/a", "s3://b/c"])
    assert await files.superfluous() == []


async def test_recordings_are_found_by_whom_one_hears(files: RecordingFiles) -> None:
    await files.change("c-1-r1", [NEW], agents=["mai"], state=FINISHED, queue="support")
    await files.change("c-1-r2", [NEW], agents={"mai", "an"}, state=FINISHED, queue="sales")
    assert await found(files, Wanted(agent="mai")) == ["c-1-r2", "c-1-r1"]
    assert await found(files, Wanted(agent="an")) == ["c-1-r2"]
    assert await found(files, Wanted(only=["mai"])) == ["c-1-r1"]
    assert await found(files, Wanted(only=["mai", "an"])) == ["c-1-r2", "c-1-r1"]
    assert await found(files, Wanted(only=[])) == []
    assert await found(files, Wanted(queue="sales")) == ["c-1-r2"]
    assert await found(files, Wanted(call="c-2")) == ["c-2-r1"]
    assert await found(files, Wanted(since=T + 1)) == ["c-2-r1"]
    heard = await files.agents(["c-1-r1", "c-1-r2", "c-2-r1"])
    assert heard == {"c-1-r1": ["mai"], "c-1-r2": ["an", "mai"], "c-2-r1": []}
    await files.change("c-1-r2", [FINISHED], agents=["an"], state=FINISHED)
    assert (await files.agents(["c-1-r2"]))["c-1-r2"] == ["an"]


async def test_who_had_the_call_is_told_with_everybody_who_was_brought_to_it(
    files: RecordingFiles,
) -> None:
    stays = [(stay.kind, stay.agent, stay.queue) for stay in await files.stays("c-1")]
    assert stays[-2:] == [("talk", "mai", "support"), ("talk", "an", None)]


async def test_what_is_due_is_of_its_kinds_its_queue_and_not_kept(
    files: RecordingFiles, ledger: Ledger
) -> None:
    kinds = (made("c-3-m1", kind=VOICEMAIL), made("c-3-s1", kind=SURVEY))
    await ledger.save_call(replace(CALL, call="c-3", offers=(), recordings=kinds))
    for name, queue in (("c-1-r1", "support"), ("c-1-r2", "sales"), ("c-2-r1", "sales")):
        await files.change(name, [NEW], state=FINISHED, queue=queue)
    for name in ("c-3-m1", "c-3-s1"):
        await files.change(name, [NEW], state=FINISHED)

    async def due(*args: object) -> list[str]:
        return [file.name for file in await files.due(*args)]  # type: ignore[arg-type]

    assert await due(["talk"], T + 1) == ["c-1-r1", "c-1-r2"]  # c-1-r3 is not finished
    assert await due(["talk"], T + 61, "sales") == ["c-1-r2", "c-2-r1"]
    assert await due(["talk"], T + 61, None, ["sales"]) == ["c-1-r1"]
    assert await due([VOICEMAIL], T + 1) == ["c-3-m1"]
    await files.change("c-1-r1", [FINISHED], kept=True)
    assert await due(["talk"], T + 1) == ["c-1-r2"]
    assert not await files.change("c-1-r1", [FINISHED], only_unkept=True, state=DELETED)


async def test_keys_under_an_older_master_key_are_found(files: RecordingFiles) -> None:
    for name, key in (("c-1-r1", "old"), ("c-1-r2", "new"), ("c-1-r3", "")):
        await files.change(name, [NEW], state=FINISHED, key_id=key)
    assert [file.name for file in await files.under_other_keys("new")] == ["c-1-r1"]
