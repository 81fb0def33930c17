"""What an operator is told of his settings for recordings, before any recording suffers."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config.check_recordings import check_recordings
from engine.settings import Settings, load

KEYS = "access_key: '${secret:A}', secret_key: '${secret:B}'"


def codes(settings: Settings) -> list[str]:
    return [problem.code for problem in check_recordings(settings)]


def loaded(text: str, tmp_path: Path) -> Settings:
    file = tmp_path / "tongdai.yaml"
    file.write_text(f"state_dir: {tmp_path}\nrecordings_dir: {tmp_path}\nrecordings: {text}\n")
    settings, problems = load(file, {})
    assert settings is not None, problems
    return settings


def test_without_any_word_of_them_recordings_stay_as_they_are(tmp_path: Path) -> None:
    assert codes(Settings(state_dir=tmp_path)) == []
    assert codes(loaded("{}", tmp_path)) == []


def test_folders_in_the_file_are_relative_to_it(tmp_path: Path) -> None:
    wanted = loaded("{move_to: archive, dir: ~/made}", tmp_path).recordings
    assert wanted.move_to == tmp_path / "archive"
    assert wanted.dir == Path("~/made").expanduser()


def test_in_the_environment_they_are_json() -> None:
    settings, _ = load(None, {"TONGDAI_RECORDINGS": '{"format": "opus", "keep_days": 30}'})
    assert settings is not None
    assert (settings.recordings.format, settings.recordings.keep_days) == ("opus", 30)


@pytest.mark.parametrize(
    "wrong",
    [
        "{key: abc}",
        f"{{s3: {{url: s3.example.com, bucket: calls, {KEYS}}}}}",
        f"{{s3: {{url: 'https://s3', bucket: Calls, {KEYS}}}}}",
        "{s3: {url: 'https://s3', bucket: calls, access_key: AKIA, secret_key: '${secret:B}'}}",
        "{keep_days: 0}",
        "{format: wma}",
        f"{{move_to: a, s3: {{url: 'https://s3', bucket: calls, {KEYS}}}}}",
    ],
)
def test_what_cannot_be_is_refused_without_telling_a_key(tmp_path: Path, wrong: str) -> None:
    file = tmp_path / "tongdai.yaml"
    file.write_text(f"recordings: {wrong}\n")
    settings, problems = load(file, {})
    assert settings is None
    assert "AKIA" not in "".join(problem.message for problem in problems)


def test_a_key_that_nobody_has_is_an_error_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = loaded("{key: '${secret:K}'}", tmp_path)
    assert codes(settings) == ["E213"]
    monkeypatch.setenv("TONGDAI_SECRET_K", "00" * 32)
    assert codes(settings) == []
    store = f"{{s3: {{url: 'https://s3', bucket: calls, {KEYS}}}}}"
    assert codes(loaded(store, tmp_path)) == ["E213"]


@pytest.mark.parametrize("made", ["", "dir: made, "])
def test_a_folder_that_they_would_be_moved_to_from_itself_is_an_error(
    tmp_path: Path, made: str
) -> None:
    (tmp_path / "archive").symlink_to(tmp_path / ("made" if made else "finished"))
    assert codes(loaded(f"{{{made}move_to: archive}}", tmp_path)) == ["E213"]
    assert codes(loaded(f"{{{made}move_to: elsewhere}}", tmp_path)) == []


def test_a_format_without_its_program_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert codes(loaded("{format: opus}", tmp_path)) == ["W213"]


def test_recordings_that_cannot_be_seen_are_a_warning_where_something_is_wanted_of_them(
    tmp_path: Path,
) -> None:
    settings, _ = load(None, {"TONGDAI_RECORDINGS": '{"keep_days": 30}'})
    assert settings is not None
    assert codes(settings) == ["W214"]
