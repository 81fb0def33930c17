"""What ``tongdai check`` asks of voice commands: the extra, and each model's folder."""

from __future__ import annotations

from engine.config.problems import Problem, listed
from engine.settings import Settings
from engine.speech.models import missing_files, models, not_installed

_INSTALL = "install it with `pip install tongdai[speech]`, or set TONGDAI_SPEECH to none"


def check_speech(settings: Settings) -> list[Problem]:
    """Why there would be no voice commands, or not in a language that callers hear."""
    kind = settings.speech
    if kind == "none":
        return []
    if packages := not_installed(kind):
        message = f"speech is `{kind}`, and the extra for it is not installed: {listed(packages)}"
        return [Problem.about("TONGDAI_SPEECH", "E220", message, _INSTALL)]
    found = models(kind, settings.languages, settings.speech_model_dir, settings.speech_model_dirs)
    incomplete = {folder: missing_files(kind, folder) for folder in sorted(set(found.values()))}
    problems = [
        Problem.about(
            folder,
            "E221",
            f"this is no model for {kind}: it lacks {listed(missing)}",
            "correct TONGDAI_SPEECH_MODEL_DIR or TONGDAI_SPEECH_MODEL_DIRS; docs/speech.md",
        )
        for folder, missing in incomplete.items()
        if missing
    ]
    mute = [language for language in settings.languages if language not in found]
    if mute:
        problems.append(
            Problem.about(
                "TONGDAI_SPEECH",
                "E222" if not found else "W222",
                f"there is no model for {listed(mute)}: those callers have their keys only",
                "name one in TONGDAI_SPEECH_MODEL_DIRS; docs/speech.md",
            )
        )
    return problems
