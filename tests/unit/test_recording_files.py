"""Files of recordings: repaired, whole in time, both sides together, pictured."""

from __future__ import annotations

import array
import io
import json
import os
import struct
import sys
import wave
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recordings import wav, waveform, worker
from engine.recordings.converting import NotConverted, command_for, convert
from engine.recordings.making import Job, Track, digest, make
from engine.recordings.timeline import length, pieces
from engine.recordings.wav import Unreadable, examine

T = 1790000000.25
RATE = 8000


def tone(frames: int, value: int = 1000) -> bytes:
    return array.array("h", [value] * frames).tobytes()


def written(path: Path, pcm: bytes, channels: int = 1) -> Path:
    path.write_bytes(wav.header(len(pcm) // (2 * channels), channels, RATE) + pcm)
    return path


def killed(path: Path, pcm: bytes) -> Path:
    """As Asterisk leaves a file that it was killed over: the sizes are those of the beginning."""
    content = bytearray(wav.header(0, 1, RATE) + pcm)
    path.write_bytes(content)
    return path


def heard(path: Path) -> tuple[int, bytes]:
    """Channels and sound, as another program reads the file."""
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        return file.getnchannels(), file.readframes(file.getnframes())


def one(path: Path, *gaps: tuple[float, float], started: float = T) -> tuple[Track, ...]:
    return (Track(str(path), started, gaps),)


# -- what Asterisk left -------------------------------------------------------------------------


def test_a_file_that_is_right_is_left_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(RATE))
    made = make(Job(one(path), str(tmp_path / "new")))
    assert (made.written, made.repaired, made.seconds, made.channels) == (False, False, 1.0, 1)
    assert (made.sha256, made.bytes) == (digest(path), 44 + 2 * RATE)
    assert list(tmp_path.iterdir()) == [path]


def test_what_asterisk_had_written_when_it_was_killed_can_be_heard(tmp_path: Path) -> None:
    sound = tone(3 * RATE)
    path = killed(tmp_path / "a.wav", sound + b"\x01")  # half a sample at the end
    made = make(Job(one(path), str(tmp_path / "new")))
    assert (made.written, made.repaired, made.seconds) == (True, True, 3.0)
    assert heard(tmp_path / "new") == (1, sound)
    assert path.read_bytes().endswith(sound + b"\x01")  # it is only read


def test_a_header_that_promises_more_than_there_is_is_put_right(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav.header(5 * RATE, 1, RATE) + tone(RATE))
    assert make(Job(one(path), str(tmp_path / "new"))).seconds == 1.0
    assert heard(tmp_path / "new") == (1, tone(RATE))


def test_sound_behind_other_chunks_is_found(tmp_path: Path) -> None:
    header = wav.header(10, 1, RATE)
    note = b"LIST" + struct.pack("<I", 5) + b"hello\0"
    path = tmp_path / "a.wav"
    path.write_bytes(header[:36] + note + header[36:] + tone(10))
    found = examine(path)
    assert (found.frames, found.offset) == (10, 44 + len(note))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no file"),
        (b"", "no WAV file"),
        (b"RIFF\0\0\0\0WAVE", "without sound"),
        (wav.header(0, 1, RATE), "nothing was recorded"),
        (wav.header(9, 1, RATE).replace(b"\x10\0data", b"\x08\0data") + tone(9), "no 16-bit PCM"),
        (b"OggS" + bytes(100), "no WAV file"),
    ],
)
def test_what_cannot_be_heard_says_why(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unreadable, match=why):
        make(Job(one(path), str(tmp_path / "new")))
    assert not (tmp_path / "new").exists()


@given(st.binary(max_size=80), st.binary(max_size=40))
def test_no_rubbish_in_a_file_is_more_than_unreadable(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, more: bytes
) -> None:
    path = tmp_path_factory.mktemp("junk") / "a.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + junk + b"data" + more)
    try:
        found = examine(path)
    except Unreadable:
        return
    assert found.offset + found.frames * found.frame_bytes <= path.stat().st_size


# -- the time line ------------------------------------------------------------------------------


def test_a_pause_is_silence_of_its_length_at_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(RATE, 1) + tone(RATE, 2))
    make(Job(one(path, (T + 1.0, T + 31.5)), str(tmp_path / "new")))
    assert heard(tmp_path / "new") == (
        1,
        tone(RATE, 1) + bytes(int(30.5 * RATE) * 2) + tone(RATE, 2),
    )


def test_a_pause_in_which_the_call_ended_is_silence_at_the_end(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(RATE))
    make(Job(one(path, (T + 1.02, T + 2.02)), str(tmp_path / "new")))  # the file is 20 ms short
    assert heard(tmp_path / "new") == (1, tone(RATE) + bytes(2 * RATE))


def by_the_plain_rule(gaps: list[tuple[int, int]], frames: int) -> list[bool]:
    """Moment by moment: silent in a gap, else the next frame of the file, if it has one."""
    told: list[bool] = []
    at, left = 0, frames
    while True:
        if any(first <= at < last for first, last in gaps):
            told.append(True)
        elif left:
            told.append(False)
            left -= 1
        elif later := [first for first, last in gaps if at < first < last]:
            at = min(later)  # the file is over: what is silent then comes at its end
            continue
        else:
            return told
        at += 1


marks = st.tuples(st.integers(-50, 200), st.integers(-50, 200)).map(sorted).map(tuple)


@given(st.lists(marks, max_size=6), st.integers(1, 200))
def test_what_was_said_is_heard_at_its_time_however_often_it_was_paused(
    gaps: list[tuple[int, int]], frames: int
) -> None:
    at = [(T + first / RATE, T + last / RATE) for first, last in gaps]
    found = [piece.silent for piece in pieces(T, at, frames, RATE) for _ in range(piece.frames)]
    assert found == by_the_plain_rule(gaps, frames)
    assert len(found) == length(T, at, frames, RATE)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=3),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), max_size=3),
    st.integers(0, 90),
    st.integers(1, 200),
    st.integers(1, 200),
)
def test_both_sides_of_a_talk_are_heard_at_the_same_time(
    tmp_path_factory: pytest.TempPathFactory,
    left_gaps: list[tuple[int, int]],
    right_gaps: list[tuple[int, int]],
    later: int,
    left: int,
    right: int,
) -> None:
    """Alone with its own beginning as a gap, each side is what its channel has to be."""
    folder = tmp_path_factory.mktemp("sides")
    tracks = []
    alone = []
    for name, start, gaps, frames, value in (
        ("in", 0, left_gaps, left, 11),
        ("out", later, right_gaps, right, 22),
    ):
        path = written(folder / f"{name}.wav", tone(frames, value))
        began = T + start / RATE
        spans = tuple((began + a / RATE, began + (a + n) / RATE) for a, n in gaps)
        tracks.append(Track(str(path), began, spans))
        plan = pieces(T, [(T, began), *spans], frames, RATE)
        alone.append(b"".join(tone(p.frames, 0 if p.silent else value) for p in plan))
    made = make(Job(tuple(tracks), str(folder / "new")))
    channels, sound = heard(folder / "new")
    samples = array.array("h", sound)
    longest = max(len(side) for side in alone)
    assert (channels, made.channels) == (2, 2)
    assert [samples[n::2].tobytes() for n in (0, 1)] == [s.ljust(longest, b"\0") for s in alone]


def test_a_long_recording_is_made_block_by_block(tmp_path: Path) -> None:
    frames = 100_000  # more than three blocks
    first = written(tmp_path / "in.wav", tone(frames, 3))
    second = killed(tmp_path / "out.wav", tone(frames, 5))
    tracks = (*one(first), *one(second, started=T + 0.5))
    make(Job(tracks, str(tmp_path / "new")))
    samples = array.array("h", heard(tmp_path / "new")[1])
    assert samples[0::2].tobytes() == tone(frames, 3) + bytes(8000)
    assert samples[1::2].tobytes() == bytes(8000) + tone(frames, 5)


# -- other formats ------------------------------------------------------------------------------


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


OPUS = "import sys; open(sys.argv[-1], 'wb').write(b'OggS' + open(sys.argv[-2], 'rb').read(44))"


def test_opus_is_kept_where_a_program_for_it_is_installed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(RATE))
    made = command(tmp_path, OPUS)
    found = make(Job(one(path), str(tmp_path / "new"), "opus", made))
    assert (found.written, found.format, found.seconds) == (True, "opus", 1.0)
    assert (tmp_path / "new").read_bytes() == b"OggS" + path.read_bytes()[:44]


def command(folder: Path, text: str) -> tuple[str, ...]:
    return (str(program(folder / "convert", text)), "{source}", "{target}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import sys; sys.exit('no such codec')", "no such codec"),
        ("import sys; sys.exit(3)", "exit code 3"),
        ("import sys; open(sys.argv[-1], 'wb').close()", "wrote no opus"),
    ],
)
def test_a_program_that_fails_leaves_the_wav_to_be_heard(
    tmp_path: Path, text: str, why: str
) -> None:
    path = killed(tmp_path / "a.wav", tone(RATE))
    made = make(Job(one(path), str(tmp_path / "new"), "opus", command(tmp_path, text)))
    assert (made.written, made.format) == (True, "wav")
    assert why in made.trouble
    assert heard(tmp_path / "new") == (1, tone(RATE))
    assert {file.name for file in tmp_path.iterdir()} == {"a.wav", "new", "convert"}


def test_a_program_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotConverted, match="No such file"):
        convert((str(tmp_path / "none"), "{source}"), tmp_path / "a", tmp_path / "b", "mp3")


def test_ffmpeg_makes_both_formats_and_sox_only_mp3() -> None:
    def found(format: str, program: str) -> str | None:
        command = command_for(format, {program: f"/bin/{program}"}.get)
        return command[0] if command else None

    assert (found("opus", "ffmpeg"), found("mp3", "ffmpeg")) == ("/bin/ffmpeg", "/bin/ffmpeg")
    assert (found("opus", "sox"), found("mp3", "sox")) == (None, "/bin/sox")
    assert found("mp3", "lame") is None


# -- the picture --------------------------------------------------------------------------------


def test_the_picture_shows_when_which_side_spoke(tmp_path: Path) -> None:
    sides = array.array("h", bytes(4 * RATE * 2))
    sides[0 : 2 * RATE : 2] = array.array("h", [32767] * RATE)
    sides[2 * RATE + 1 :: 2] = array.array("h", [-8192] * RATE)
    path = written(tmp_path / "a.wav", sides.tobytes(), channels=2)
    left, right = waveform.peaks(examine(path))
    assert left == bytes([255] * 500 + [0] * 500)
    assert right == bytes([0] * 500 + [64] * 500)
    assert waveform.of_kept(waveform.kept([left, right])) == [left, right]
    assert waveform.svg([left, right], 2.0).count("<path") == 2


def test_a_recording_of_a_few_samples_has_a_picture_of_a_few_steps(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(3, -32768))
    assert waveform.peaks(examine(path)) == [bytes([255] * 3)]
    assert waveform.of_kept("") == []
    assert "<path" not in waveform.svg([], 0.0)


# -- the process beside the engine --------------------------------------------------------------


def test_the_worker_answers_each_job_and_goes_on_after_a_bad_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(RATE))
    jobs = [
        Job(one(tmp_path / "none.wav"), str(tmp_path / "x")),
        Job(one(path, (T, T + 1)), str(tmp_path / "no" / "such" / "folder")),
        Job(one(path, (T, T + 1)), str(tmp_path / "new")),
    ]
    said = io.StringIO()
    worker.serve([json.dumps(asdict(job)) for job in jobs], said)
    first, second, third = (json.loads(line) for line in said.getvalue().splitlines())
    assert "there is no file" in first["unreadable"]
    assert "No such file" in second["failed"]
    assert third["made"]["seconds"] == 2.0


def test_the_worker_survives_a_fault_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = written(tmp_path / "a.wav", tone(RATE)), io.StringIO()

    def faulty(_: Job) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(worker, "make", faulty)
    worker.serve([json.dumps(asdict(Job(one(path), str(tmp_path / "x"))))], said)
    assert json.loads(said.getvalue()) == {"unreadable": "ZeroDivisionError: by zero"}


def test_a_recording_that_is_longer_than_a_wav_file_can_be_says_so(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", tone(RATE))
    with pytest.raises(Unreadable, match="longer than"):
        make(Job(one(path, (T, T + 300_000)), str(tmp_path / "x")))


def test_asterisk_s_own_file_is_on_the_disk_before_it_counts_as_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, synced = written(tmp_path / "a.wav", tone(RATE)), []
    monkeypatch.setattr("os.fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    assert not make(Job(one(path), str(tmp_path / "x"))).written
    assert synced == [path.stat().st_ino]
