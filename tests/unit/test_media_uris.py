"""What Asterisk is given for a play: every sound in the caller's language, or in the next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from engine.demo import tones
from engine.ivr.sounds import Pause, Sound, Speak, Tone
from engine.sounds import wav
from engine.sounds.media_uris import MediaUris
from engine.sounds.prompt_files import PromptFiles
from engine.sounds.text_to_speech import CannotSpeak, NoVoice
from engine.sounds.tone_files import ToneFiles


class FakeSpeaker:
    """Speaks Vietnamese at once, except what it is told to choke on."""

    def __init__(self) -> None:
        self.private: list[str] = []

    async def media(self, text: str, language: str, *, keep: bool = True) -> str:
        if language != "vi":
            raise NoVoice(language)
        if text == "choke":
            raise CannotSpeak("no breath")
        self.private += [] if keep else [text]
        return f"sound:/spoken/{language}/{text}"


class Media:
    """The parts around ``MediaUris``."""

    def __init__(self, folder: Path) -> None:
        (folder / "vi").mkdir()
        (folder / "vi/welcome.wav").touch()
        self.folder = folder
        self.speaker = FakeSpeaker()
        self._uris = MediaUris(PromptFiles(folder), ToneFiles(folder / "tones"), self.speaker)

    async def uris(self, sounds: Sequence[Sound], *languages: str, keep: bool = True) -> list[str]:
        return await self._uris.uris(sounds, languages, keep=keep)


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path)


async def test_a_play_is_prompts_speech_tones_and_pauses_in_their_order(media: Media) -> None:
    top = media.folder
    sounds = ("welcome", Speak("hai"), Pause(0.5), Tone("beep", 0.25), "welcome")
    assert await media.uris(sounds, "vi") == [
        f"sound:{top}/vi/welcome",
        "sound:/spoken/vi/hai",
        f"sound:{top}/tones/silence-500",
        f"sound:{top}/tones/beep-250",
        f"sound:{top}/vi/welcome",
    ]


async def test_what_a_language_lacks_is_heard_in_the_next(media: Media) -> None:
    assert await media.uris(("welcome", Speak("hai")), "en", "vi") == [
        f"sound:{media.folder}/vi/welcome",
        "sound:/spoken/vi/hai",
    ]


@pytest.mark.parametrize(
    ("sound", "kind"),
    [(Speak("choke"), "speak"), (Tone("vuvuzela"), "tone")],
)
async def test_what_cannot_be_made_is_left_out_and_the_rest_is_heard(
    media: Media, sound: Sound, kind: str
) -> None:
    with capture_logs() as logs:
        uris = await media.uris((sound, "welcome"), "vi")
    assert uris == [f"sound:{media.folder}/vi/welcome"]
    assert [(line["event"], line["kind"]) for line in logs] == [("sound_left_out", kind)]
    assert "choke" not in str(logs)  # what is said to a caller is in no log


async def test_nothing_is_played_when_nobody_can_speak(media: Media) -> None:
    assert await media.uris((Speak("zwei"),), "de", "fr") == []


async def test_a_private_play_is_spoken_privately(media: Media) -> None:
    await media.uris((Speak("42"),), "vi", keep=False)
    assert media.speaker.private == ["42"]


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.0, 3.7, 10.0, 12.3])
def test_a_pause_is_as_long_as_it_is_written(tmp_path: Path, seconds: float) -> None:
    uris = ToneFiles(tmp_path).silence(seconds)
    files = [Path(uri.removeprefix("sound:") + ".wav") for uri in uris]
    assert sum(map(wav.seconds_of, files)) == pytest.approx(seconds)
    assert not any(any(wav.read(file)) for file in files)


def test_silence_that_was_made_by_the_set_up_needs_no_right_to_write(tmp_path: Path) -> None:
    ToneFiles(tmp_path).make_silence()
    before = sorted(tmp_path.iterdir())
    ToneFiles(tmp_path).silence(23.4)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "seconds", "hertz", "sounding"),
    [("beep", 1.0, 1000, 0.25), ("busy", 2.0, 425, 1.0), ("ring", 6.0, 425, 2.0),
     ("congestion", 1.0, 425, 0.5)],
)  # fmt: skip
def test_a_tone_is_heard_as_long_as_it_sounds(
    tmp_path: Path, name: str, seconds: float, hertz: float, sounding: float
) -> None:
    file = Path(ToneFiles(tmp_path).tone(name, seconds).removeprefix("sound:") + ".wav")
    pcm = wav.read(file).tobytes()
    assert tones.seconds(pcm) == pytest.approx(0.25 if name == "beep" else seconds)
    found = tones.find(pcm, hertz)
    assert found.seconds == pytest.approx(sounding, abs=0.1)
    assert found.share > 0.95


def test_a_tone_that_a_power_cut_left_empty_is_made_again(tmp_path: Path) -> None:
    file = Path(ToneFiles(tmp_path).tone("beep", 1.0).removeprefix("sound:") + ".wav")
    made = file.read_bytes()
    file.write_bytes(b"")
    ToneFiles(tmp_path).tone("beep", 1.0)
    assert file.read_bytes() == made


def test_tones_begin_and_end_without_a_click(tmp_path: Path) -> None:
    file = Path(ToneFiles(tmp_path).tone("beep", 1.0).removeprefix("sound:") + ".wav")
    samples = wav.read(file)
    assert max(map(abs, samples[:4])) < 500
    assert max(map(abs, samples[-4:])) < 500
