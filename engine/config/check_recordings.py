"""Whether recordings can become what the settings want of them: keys, programs, rights."""

from __future__ import annotations

import os
from pathlib import Path

from engine import secrets
from engine.config.problems import Problem
from engine.recordings.converting import command_for
from engine.recordings.keys import KeyUnusable
from engine.recordings.opening import try_secrets
from engine.settings import Settings


def check_recordings(settings: Settings) -> list[Problem]:
    """Each thing that the log would have to say once recordings are to be finished."""
    wanted, folder = settings.recordings, settings.recordings_dir
    problems = []
    try:
        try_secrets(wanted, secrets.load(settings.secrets_file)[0])
    except KeyUnusable as error:
        hint = "nothing is finished or moved without it: recordings stay as Asterisk leaves them"
        problems.append(Problem.about("recordings", "E213", str(error), hint))
    made = wanted.dir or (None if folder is None else folder / "finished")
    if wanted.move_to is not None and made is not None and _is_same(wanted.move_to, made):
        message = f"`move_to` is the folder where recordings are made: {wanted.move_to}"
        problems.append(Problem.about("recordings", "E213", message, "name another, or none"))
    if wanted.format != "wav" and command_for(wanted.format) is None:
        message = f"no program is installed that makes {wanted.format}: recordings stay WAV"
        problems.append(Problem.about("recordings", "W213", message, "install ffmpeg"))
    if folder is not None and folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
        message = "recordings that are repaired, encrypted or moved cannot be removed here"
        hint = "give the engine the right to write here, as by Asterisk's group"
        problems.append(Problem.about(folder, "W214", message, hint))
    if folder is None and wanted.model_fields_set:
        message = "nothing becomes of recordings that the engine cannot see"
        problems.append(Problem.about("recordings", "W214", message, "set TONGDAI_RECORDINGS_DIR"))
    return problems


def _is_same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
