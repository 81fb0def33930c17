"""Which file a caller hears for a prompt: his language's, or the next that has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.sounds.prompt_files import PromptFiles


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("vi/welcome.wav", "en/welcome.wav", "en/closed.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("key", "languages", "heard"),
    [
        ("welcome", ("vi", "en"), "vi/welcome"),
        ("welcome", ("en", "vi"), "en/welcome"),
        ("closed", ("vi", "en"), "en/closed"),
        ("nowhere", ("vi", "en"), "vi/nowhere"),
    ],
)
def test_a_caller_hears_the_first_of_his_languages_that_has_the_prompt(
    folder: Path, key: str, languages: tuple[str, ...], heard: str
) -> None:
    assert PromptFiles(folder).media(key, languages) == f"sound:{folder}/{heard}"


def test_asterisk_is_told_a_whole_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    media = PromptFiles(Path(folder.name)).media("welcome", ("vi",))
    assert media == f"sound:{folder}/vi/welcome"


def test_a_call_hears_the_sounds_of_its_version_and_without_any_those_of_all(folder: Path) -> None:
    (folder / "5f3a" / "en").mkdir(parents=True)
    (folder / "5f3a" / "en" / "welcome.wav").touch()
    prompts = PromptFiles(folder)
    assert prompts.media("welcome", ("en",)) == f"sound:{folder}/en/welcome"
    prompts.version = "5f3a"
    assert prompts.media("welcome", ("en",)) == f"sound:{folder}/5f3a/en/welcome"
    assert prompts.media("welcome", ("en",), "older") == f"sound:{folder}/en/welcome"
    assert prompts.media("welcome", ("vi", "en")) == f"sound:{folder}/vi/welcome"
    assert prompts.media("closed", ("en",)) == f"sound:{folder}/en/closed"


def test_a_prompt_made_later_is_heard_without_a_restart(folder: Path) -> None:
    prompts = PromptFiles(folder)
    (folder / "vi/closed.wav").touch()
    assert prompts.media("closed", ("vi", "en")) == f"sound:{folder}/vi/closed"
