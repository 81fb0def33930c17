"""Recordings that are encrypted: their format, their keys, and the master keys that wrap them."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest

from engine.recordings import keys, sealing
from engine.recordings.keys import KeyUnusable, MasterKeys
from engine.recordings.making import Job, Track, digest, make
from engine.recordings.wav import header
from engine.secrets import Secrets


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_sealed_file_opens_whole_and_from_any_place(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(range(size % 256))
    key, sealed = sealing.new_key(), io.BytesIO()
    sealing.seal(io.BytesIO(content), sealed, key)
    raw = sealed.getvalue()
    assert sealing.content_bytes(len(raw)) == size
    for start, many in ((0, size), (0, 1), (size // 2, 70_000), (max(0, size - 1), 1), (size, 5)):
        found = b"".join(
            sealing.opened(chunk, raw[chunk.at : chunk.at + chunk.size], key)
            for chunk in sealing.chunks(len(raw), start, many)
        )
        assert found == content[start : start + many]


def read_sealed(raw: bytes, key: bytes) -> bytes:
    size = sealing.content_bytes(len(raw))
    return b"".join(
        sealing.opened(chunk, raw[chunk.at : chunk.at + chunk.size], key)
        for chunk in sealing.chunks(len(raw), 0, size)
    )


def test_a_sealed_file_that_was_changed_cut_off_or_reordered_is_refused() -> None:
    key, sealed = sealing.new_key(), io.BytesIO()
    sealing.seal(io.BytesIO(bytes(200_000)), sealed, key)
    raw = sealed.getvalue()
    chunk = sealing.CHUNK_BYTES + sealing.TAG_BYTES
    first, second = raw[8 : 8 + chunk], raw[8 + chunk : 8 + 2 * chunk]
    changed = raw[:500] + bytes([raw[500] ^ 1]) + raw[501:]
    swapped = raw[:8] + second + first + raw[8 + 2 * chunk :]
    cut_off = raw[: 8 + 2 * chunk]
    for broken in (changed, swapped, cut_off, raw[:-1], raw[: 8 + 5]):
        with pytest.raises(sealing.Broken):
            read_sealed(broken, key)
    with pytest.raises(sealing.Broken):
        read_sealed(raw, sealing.new_key())


def test_the_file_that_is_kept_holds_nothing_of_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(header(8000, 1, 8000) + b"\x42\x41" * 8000)
    key = sealing.new_key()
    made = make(Job((Track(str(path), 0.0),), str(tmp_path / "new"), key=key.hex()))
    raw = (tmp_path / "new").read_bytes()
    assert (made.written, made.sha256, made.bytes) == (True, digest(tmp_path / "new"), len(raw))
    assert raw.startswith(sealing.MAGIC)
    assert b"\x42\x41" * 8 not in raw
    assert read_sealed(raw, key) == path.read_bytes()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.wav", "new"]


# -- master keys --------------------------------------------------------------------------------


def test_a_wrapped_key_opens_under_its_master_key_and_for_its_recording_only() -> None:
    master, key = MasterKeys(bytes(32)), sealing.new_key()
    key_id, wrapped = master.wrap("c-1-r1", key)
    assert master.unwrap("c-1-r1", key_id, wrapped) == key
    with pytest.raises(KeyUnusable, match="was changed"):
        master.unwrap("c-2-r1", key_id, wrapped)
    with pytest.raises(KeyUnusable, match=f"master key {key_id}.*old_keys"):
        MasterKeys(bytes([1] * 32)).unwrap("c-1-r1", key_id, wrapped)


def test_an_old_master_key_opens_what_it_wrapped_and_wraps_no_more() -> None:
    old, new = bytes(32), bytes([1] * 32)
    key_id, wrapped = MasterKeys(old).wrap("c-1-r1", b"k" * 32)
    both = MasterKeys(new, [old])
    assert both.unwrap("c-1-r1", key_id, wrapped) == b"k" * 32
    assert both.wrap("c-1-r1", b"k" * 32)[0] == both.current == keys.id_of(new)


def test_master_keys_are_named_by_the_secret_they_are_in() -> None:
    raw = bytes(range(32))
    known = Secrets({"B64": base64.b64encode(raw).decode(), "HEX": raw.hex() + "\n"})
    for name in ("B64", "HEX"):
        assert keys.load(f"${{secret:{name}}}", [], known).current == keys.id_of(raw)
    assert keys.load(None, [], known).current == ""


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("c2hvcnQ=", "5 bytes: make one by `openssl rand -base64 32`"),
        ("no key at all", "neither base64 nor hex"),
        ("z" * 64, "neither base64 nor hex|48 bytes"),
    ],
)
def test_what_is_no_key_is_told_without_telling_it(value: str, why: str) -> None:
    with pytest.raises(KeyUnusable, match=why) as told:
        keys.load("${secret:K}", [], Secrets({"K": value}))
    assert value not in str(told.value)


def test_a_key_that_nobody_has_is_told() -> None:
    with pytest.raises(KeyUnusable, match="there is no secret K"):
        keys.load("${secret:K}", [], Secrets())
