"""Prompts spoken, recorded, kept and missing; hold music. The voice is the real espeak-ng."""

import os
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from engine.asterisk import install
from engine.asterisk.install import Installation, Programs
from engine.demo import tones
from engine.sounds import music, prompts, wav
from engine.sounds.prompt_inventory import inventory, summary
from engine.sounds.text_to_speech import Espeak

WELCOME = {
    "welcome": {
        "vi": "Chào mừng quý khách đến với Tổng đài. Xin vui lòng giữ máy.",
        "en": "Welcome to Tongdai. Please hold the line.",
    }
}


@pytest.fixture(scope="module")
def voice() -> Installation:
    """An installation with espeak-ng and sox."""
    found = install.find(os.environ.get("TONGDAI_ASTERISK"))
    if found is None or not all(map(found.program, ("espeak-ng", "sox"))):
        pytest.skip("no espeak-ng and sox here: python -m engine.asterisk.install brings them")
    return found


class Bare(Programs):
    """A machine without espeak-ng and sox."""

    def program(self, name: str) -> None:
        return None


@pytest.fixture
def nothing() -> Programs:
    return Bare()


def record(path: Path, pcm: bytes, *, rate: int = 8000) -> bytes:
    """A human's recording, as a WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return path.read_bytes()


def speech(path: Path) -> bytes:
    """The PCM of a prompt, checked to be what every Asterisk plays."""
    assert wav.is_ours(path)
    return wav.read(path).tobytes()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_caller_hears_a_spoken_prompt_in_his_language(voice, tmp_path, language):
    report = prompts.build(WELCOME, tmp_path, voice)

    assert sorted(report.made) == ["en/welcome", "vi/welcome"]
    assert report.missing == {}
    pcm = speech(tmp_path / language / "welcome.wav")
    assert 1.5 < tones.seconds(pcm) < 6.0
    assert tones.speech_seconds(pcm) > tones.seconds(pcm) / 2


def test_prompts_are_about_equally_loud_and_begin_and_end_at_once(voice, tmp_path):
    texts = {"short": {"en": "Sorry."}, "long": {"en": WELCOME["welcome"]["en"] * 3}}

    prompts.build(texts, tmp_path, voice)

    short, long = (speech(tmp_path / "en" / f"{key}.wav") for key in texts)
    assert abs(tones.level(short) - tones.level(long)) < 3
    for pcm in (short, long):
        assert -26 < tones.level(pcm) < -17
        assert tones.speech_seconds(pcm[:4800]) > 0  # within 0.3 s
        assert tones.speech_seconds(pcm[-6400:]) > 0  # until 0.4 s before the end


def test_a_text_that_did_not_change_is_not_spoken_again(voice, tmp_path):
    prompts.build(WELCOME, tmp_path, voice)
    before = (tmp_path / "vi/welcome.wav").stat()
    changed = {"welcome": {**WELCOME["welcome"], "en": "Hello."}}

    report = prompts.build(changed, tmp_path, voice)

    assert report.kept == ["vi/welcome"]
    assert report.made == ["en/welcome"]
    assert (tmp_path / "vi/welcome.wav").stat() == before


def test_a_prompt_file_that_a_power_cut_left_empty_is_made_again(voice, tmp_path):
    prompts.build(WELCOME, tmp_path, voice)
    (tmp_path / "vi/welcome.wav").write_bytes(b"")
    assert prompts.build(WELCOME, tmp_path, voice).made == ["vi/welcome"]
    assert (tmp_path / "vi/welcome.wav").stat().st_size > 0


def test_a_prompt_file_that_was_deleted_is_made_again(voice, tmp_path):
    prompts.build(WELCOME, tmp_path, voice)
    (tmp_path / "vi/welcome.wav").unlink()

    assert prompts.build(WELCOME, tmp_path, voice).made == ["vi/welcome"]


def test_a_caller_who_is_listening_keeps_the_old_file_while_the_new_one_is_put_there(
    voice, tmp_path
):
    prompts.build(WELCOME, tmp_path, voice)
    file = tmp_path / "en/welcome.wav"
    old = file.read_bytes()

    with file.open("rb") as listening:
        prompts.build({"welcome": {"en": "Something else altogether."}}, tmp_path, voice)

        assert listening.read() == old
    assert file.read_bytes() != old
    assert [path.name for path in (tmp_path / "en").iterdir()] == ["welcome.wav"]


def test_a_version_keeps_its_sounds_when_a_prompt_is_said_in_other_words(nothing, tmp_path):
    recording = tmp_path / "recordings" / "vi" / "welcome.wav"
    texts, folder, now = {"welcome": {"vi": ""}}, tmp_path / "made", {}
    for version, pcm in (("5f3a", b"\0\x10" * 4000), ("77aa", b"\0\x0f" * 4000)):
        record(recording, pcm)
        prompts.build(texts, folder, nothing, recordings=tmp_path / "recordings")
        prompts.keep(texts | {"gone": {"vi": "no file"}}, folder, version)
        now[version] = (folder / "vi/welcome.wav").read_bytes()

    assert now["5f3a"] != now["77aa"]
    assert now == {version: (folder / version / "vi/welcome.wav").read_bytes() for version in now}


def test_a_text_that_looks_like_an_option_is_spoken(voice, tmp_path):
    report = prompts.build({"odd": {"en": "--help is what you said"}}, tmp_path, voice)

    assert report.made == ["en/odd"]
    assert tones.speech_seconds(speech(tmp_path / "en/odd.wav")) > 0.8


def test_a_language_without_a_voice_is_told_and_stops_no_other_prompt(voice, tmp_path):
    report = prompts.build({"hello": {"xx": "Hello", "en": "Hello"}}, tmp_path, voice)

    assert report.made == ["en/hello"]
    assert "voice" in report.missing["xx/hello"]


def test_a_recording_in_another_format_is_converted(voice, tmp_path):
    recordings = tmp_path / "recordings"
    tone = tones.sine(440, 8000)  # at 16 kHz that is half a second of 880 Hz
    record(recordings / "en/welcome.wav", tone, rate=16000)
    (recordings / "vi").mkdir()
    (recordings / "vi/welcome.ulaw").write_bytes(b"\xff" * 4000 + b"\x20\xa0" * 2000)

    report = prompts.build(WELCOME, tmp_path, voice, recordings=recordings)

    assert sorted(report.recorded) == ["en/welcome", "vi/welcome"]
    english = speech(tmp_path / "en/welcome.wav")
    assert tones.find(english, 880).seconds == pytest.approx(0.5, abs=0.05)
    assert tones.seconds(speech(tmp_path / "vi/welcome.wav")) == pytest.approx(1.0)


def test_a_recording_is_taken_instead_of_the_voice_and_only_once(nothing, tmp_path):
    recordings = tmp_path / "recordings"
    said = record(recordings / "vi/welcome.wav", tones.sine(440, 8000))
    texts = {"welcome": {"vi": "Xin chào."}}

    first = prompts.build(texts, tmp_path, nothing, recordings=recordings)
    second = prompts.build(texts, tmp_path, nothing, recordings=recordings)

    assert (first.recorded, second.kept) == (["vi/welcome"], ["vi/welcome"])
    assert (tmp_path / "vi/welcome.wav").read_bytes() == said


def test_a_new_recording_replaces_the_old_one(nothing, tmp_path):
    recordings = tmp_path / "recordings"
    texts = {"welcome": {"vi": "Xin chào."}}
    record(recordings / "vi/welcome.wav", tones.sine(440, 8000))
    prompts.build(texts, tmp_path, nothing, recordings=recordings)
    said = record(recordings / "vi/welcome.wav", tones.sine(620, 8000))

    report = prompts.build(texts, tmp_path, nothing, recordings=recordings)

    assert report.recorded == ["vi/welcome"]
    assert (tmp_path / "vi/welcome.wav").read_bytes() == said


def test_without_a_voice_the_operator_is_told_which_prompt_is_missing_and_why(nothing, tmp_path):
    report = prompts.build({"welcome": {"vi": "Xin chào."}}, tmp_path, nothing)

    assert list(report.missing) == ["vi/welcome"]
    assert "espeak-ng is not installed" in report.missing["vi/welcome"]


def test_a_prompt_that_is_missing_is_tried_again_the_next_time(nothing, voice, tmp_path):
    texts = {"welcome": {"en": "Hello there."}}
    prompts.build(texts, tmp_path, nothing)

    assert prompts.build(texts, tmp_path, voice).made == ["en/welcome"]


@pytest.mark.parametrize(
    ("key", "language"), [("../evil", "en"), ("Welcome", "en"), ("welcome", "../en"), ("", "en")]
)
def test_a_name_that_could_leave_the_folder_is_refused(nothing, tmp_path, key, language):
    with pytest.raises(prompts.PromptError):
        prompts.build({key: {language: "Hello"}}, tmp_path, nothing)


def test_a_waiting_caller_hears_quiet_music_that_loops_without_a_click(tmp_path):
    file = music.ensure_music(tmp_path / "music")

    pcm = speech(file)
    samples = wav.read(file)
    assert 30 <= tones.seconds(pcm) <= 60
    assert tones.level(pcm) == pytest.approx(-20, abs=0.1)
    steps = [abs(b - a) for a, b in pairwise(samples)]
    assert abs(samples[0] - samples[-1]) <= max(steps)
    seam = pcm[-8000:] + pcm[:8000]
    assert tones.speech_seconds(seam) == 1.0  # it does not fade out and in
    assert max(abs(sample) for sample in samples) < 32767


def test_the_operators_own_music_stays(tmp_path):
    own = tmp_path / "company.ulaw"
    own.write_bytes(b"\xff" * 8000)

    assert music.ensure_music(tmp_path) == own
    assert [path.name for path in tmp_path.iterdir()] == ["company.ulaw"]


def test_a_recording_far_too_quiet_is_made_louder_and_one_far_too_loud_quieter(nothing, tmp_path):
    recordings = tmp_path / "recordings"
    record(recordings / "en/quiet.wav", tones.sine(440, 8000, dbfs=-38))
    record(recordings / "en/loud.wav", tones.sine(440, 8000, dbfs=-6))
    record(recordings / "en/cut.wav", b"\xff\x7f" * 200 + tones.sine(440, 8000, dbfs=-20))
    texts = {key: {"en": ""} for key in ("quiet", "loud", "cut")}

    report = prompts.build(texts, tmp_path, nothing, recordings=recordings)

    assert {name: str(was) for name, was in report.quiet.items()} == {"en/quiet": "-38 dB"}
    assert sorted(report.loud) == ["en/cut", "en/loud"]
    assert str(report.loud["en/cut"]).endswith("clipped")
    for key in ("quiet", "loud"):
        pcm = speech(tmp_path / f"en/{key}.wav")
        assert tones.level(pcm) == pytest.approx(-20, abs=0.5)
    assert max(map(abs, wav.read(tmp_path / "en/cut.wav"))) < 32000


def test_silence_that_somebody_recorded_is_played_as_it_is(nothing, tmp_path):
    said = record(tmp_path / "recordings/en/hush.wav", bytes(8000))

    report = prompts.build(
        {"hush": {"en": ""}}, tmp_path, nothing, recordings=tmp_path / "recordings"
    )

    assert (report.recorded, report.quiet, report.loud) == (["en/hush"], {}, {})
    assert (tmp_path / "en/hush.wav").read_bytes() == said


def test_pieces_of_a_sentence_follow_each_other_closer_than_sentences(voice, tmp_path):
    prompts.build({"piece": {"vi": "năm"}, "whole": {"vi": "năm."}}, tmp_path, voice)

    piece, whole = (tones.seconds(speech(tmp_path / f"vi/{key}.wav")) for key in ("piece", "whole"))
    assert whole - piece == pytest.approx(0.2, abs=0.03)


def test_another_voice_speaks_all_prompts_again(voice, tmp_path):
    class Other(Espeak):
        def recipe(self, language):
            return "another"

    prompts.build({"welcome": {"en": "Hello."}}, tmp_path, voice)

    assert prompts.build(
        {"welcome": {"en": "Hello."}}, tmp_path, voice, voice=Other(voice)
    ).made == ["en/welcome"]


def test_the_operator_is_told_who_speaks_each_prompt_and_which_are_missing(nothing, tmp_path):
    recordings = tmp_path / "recordings"
    record(recordings / "vi/welcome.wav", tones.sine(440, 8000))
    texts = {"welcome": {"vi": "Xin chào."}, "bye": {"vi": "Tạm biệt.", "en": "Goodbye."}}

    report = prompts.build(texts, tmp_path, nothing, recordings=recordings)
    lines = list(summary(report, texts, ("en", "vi"), tmp_path))
    listed = list(inventory(texts, ("en", "vi"), tmp_path, recordings))

    assert lines == [
        f"prompts in {tmp_path}: 0 by text-to-speech, 1 recorded",
        "  taken from recordings now: 1: vi/welcome",
        "  without en, heard in another language: 1: welcome",
    ]
    assert [(f"{one.language}/{one.key}", one.origin, one.seconds) for one in listed] == [
        ("en/welcome", "no text", None),
        ("vi/welcome", "recorded", 1.0),
        ("en/bye", "not made yet", None),
        ("vi/bye", "not made yet", None),
    ]


def test_only_a_few_of_many_prompts_are_named_beside_the_number(tmp_path):
    report = prompts.PromptReport(made=[f"en/p{n}" for n in range(9)])
    report.by_voice = report.made

    assert list(summary(report, {}, ("en",), tmp_path)) == [
        f"prompts in {tmp_path}: 9 by text-to-speech, 0 recorded",
        "  spoken now: 9: en/p0, en/p1, en/p2, en/p3, en/p4, … (`tongdai setup --list` has all)",
    ]
