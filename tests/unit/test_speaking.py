"""Text spoken while a caller waits for it: once for all who ask, within seconds, in a small folder.

The voice is a fake that hums; sox, which makes its hum fit for the phone, is the real one.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.asterisk import install
from engine.asterisk.install import Programs
from engine.demo import tones
from engine.sounds import wav
from engine.sounds.speaking import LONGEST_TEXT, Speaker
from engine.sounds.text_to_speech import CannotSpeak, Espeak, NoVoice


@pytest.fixture(scope="module")
def programs() -> Programs:
    """An installation with espeak-ng and sox."""
    found = install.find(os.environ.get("TONGDAI_ASTERISK"))
    if found is None or not all(map(found.program, ("espeak-ng", "sox"))):
        pytest.skip("no espeak-ng and sox here: python -m engine.asterisk.install brings them")
    return found


class Humming:
    """A voice that hums for half a second, when it is let; it knows no German."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.may_speak = threading.Event()
        self.may_speak.set()
        self.failure: Exception | None = None

    def recipe(self, language: str) -> str:
        return f"hum {language}"

    def speak(self, text: str, language: str, seconds: float) -> bytes:
        self.asked.append((text, language))
        self.may_speak.wait(10)
        if language == "de":
            raise NoVoice("no German")
        if self.failure:
            raise self.failure
        return wav.encode(wav.decode(tones.sine(440, 4000, dbfs=-40)))


@pytest.fixture
def voice() -> Iterator[Humming]:
    humming = Humming()
    yield humming
    humming.may_speak.set()


def file_of(uri: str) -> Path:
    """The file that Asterisk plays for a media URI."""
    assert uri.startswith("sound:/")
    return Path(uri.removeprefix("sound:") + ".wav")


def files(folder: Path) -> list[Path]:
    """All that is kept."""
    return sorted(folder.iterdir())


async def test_a_caller_hears_the_text_as_loud_as_all_other(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path / "spoken", voice, programs)
    uri = await speaker.media("Số dư của quý khách", "vi")
    assert wav.is_ours(file_of(uri))
    pcm = wav.read(file_of(uri)).tobytes()
    assert tones.find(pcm, 440).seconds == pytest.approx(0.5, abs=0.1)
    assert -23 < tones.level(pcm) < -19
    speaker.close()


async def test_espeak_speaks_vietnamese_and_has_no_voice_for_klingon(
    programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, Espeak(programs), programs)
    spoken = file_of(await speaker.media("Xin chào quý khách", "vi"))
    assert tones.speech_seconds(wav.read(spoken).tobytes()) > 0.7
    with pytest.raises(NoVoice):
        await speaker.media("nuqneH", "xx")
    speaker.close()


async def test_all_who_ask_for_the_same_text_wait_for_one_voice(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs)
    one, two, other = await asyncio.gather(
        speaker.media("hello", "en"), speaker.media(" hello ", "en"), speaker.media("hello", "vi")
    )
    assert one == two != other
    assert sorted(voice.asked) == [("hello", "en"), ("hello", "vi")]
    speaker.close()


async def test_a_text_is_found_again_also_after_a_restart(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    before = Speaker(tmp_path, voice, programs)
    uri = await before.media("hello", "en")
    assert await before.media("hello", "en") == uri
    before.close()
    after = Speaker(tmp_path, voice, programs)
    assert await after.media("hello", "en") == uri
    assert len(voice.asked) == 1
    file_of(uri).unlink()  # somebody cleaned up
    assert await after.media("hello", "en") == uri
    assert file_of(uri).exists()
    after.close()


async def test_a_caller_does_not_wait_for_a_slow_voice_but_the_next_one_has_its_text(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs, timeout_seconds=2.0)
    voice.may_speak.clear()
    with pytest.raises(CannotSpeak, match="longer than 2 s"):
        await speaker.media("hello", "en")
    voice.may_speak.set()
    assert file_of(await speaker.media("hello", "en")).exists()
    assert len(voice.asked) == 1
    speaker.close()


async def test_a_caller_who_hangs_up_takes_the_text_from_nobody(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs)
    voice.may_speak.clear()
    gone = asyncio.create_task(speaker.media("hello", "en"))
    waits = asyncio.create_task(speaker.media("hello", "en"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait([gone])
    voice.may_speak.set()
    assert file_of(await waits).exists()
    assert gone.cancelled()
    speaker.close()


async def test_only_so_many_texts_wait_for_the_voice(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs, at_once=1)
    voice.may_speak.clear()
    waiting = [asyncio.create_task(speaker.media(f"text {n}", "en")) for n in range(50)]
    await asyncio.sleep(0)
    with pytest.raises(CannotSpeak, match="too many"):
        await speaker.media("one more", "en")
    assert len(voice.asked) <= 1
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    speaker.close()


@pytest.mark.parametrize("text", ["", "  \n", "a" * (LONGEST_TEXT + 1)])
async def test_no_text_and_a_book_are_not_spoken(
    voice: Humming, programs: Programs, tmp_path: Path, text: str
) -> None:
    speaker = Speaker(tmp_path, voice, programs)
    with pytest.raises(CannotSpeak, match="1 to 1000 characters"):
        await speaker.media(text, "en")
    assert voice.asked == []
    speaker.close()


async def test_a_voice_that_fails_is_asked_again_the_next_time(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs)
    voice.failure = OSError("no line to the voice")
    with pytest.raises(CannotSpeak, match="no line"):
        await speaker.media("hello", "en")
    voice.failure = None
    assert file_of(await speaker.media("hello", "en")).exists()
    speaker.close()


async def test_the_folder_grows_only_so_far_and_keeps_what_is_asked_for(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs, most_files=2)
    first, second = [file_of(await speaker.media(text, "en")) for text in ("one", "two")]
    await speaker.media("one", "en")
    third = file_of(await speaker.media("three", "en"))
    assert (first.exists(), second.exists(), third.exists()) == (True, False, True)
    speaker.close()
    smaller = Speaker(tmp_path, voice, programs, most_bytes=first.stat().st_size)
    assert files(tmp_path) == [third]
    smaller.close()


async def test_a_private_text_is_nobody_elses_and_is_gone_in_the_end(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    speaker = Speaker(tmp_path, voice, programs)
    mine = file_of(await speaker.media("your code is 42", "en", keep=False))
    other = file_of(await speaker.media("your code is 42", "en", keep=False))
    public = file_of(await speaker.media("hello", "en"))
    assert mine != other
    assert mine.exists()
    assert len(voice.asked) == 3
    speaker.close()
    assert files(tmp_path) == [public]


async def test_a_private_text_does_not_survive_a_crash(
    voice: Humming, programs: Programs, tmp_path: Path
) -> None:
    crashed = Speaker(tmp_path, voice, programs)
    await crashed.media("your code is 42", "en", keep=False)
    Speaker(tmp_path, voice, programs).close()
    assert files(tmp_path) == []
    crashed.close()


async def test_a_private_text_is_deleted_after_a_while(
    voice: Humming, programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sounds.speaking.PRIVATE_SECONDS", 0.0)
    speaker = Speaker(tmp_path, voice, programs)
    file = file_of(await speaker.media("your code is 42", "en", keep=False))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not file.exists()
    speaker.close()
