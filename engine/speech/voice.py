"""Voice commands as the settings want them: the workers, and the judge of what is voice."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from engine.config.check_speech import check_speech
from engine.settings import Settings
from engine.speech.models import models
from engine.speech.recogniser import RATE
from engine.speech.workers import Workers

log = structlog.get_logger("speech")

_AGGRESSIVENESS = 2
"""Of 0 to 3. At 1 the line's noise is voice now and then; 3 loses the ends of words."""


def workers(settings: Settings) -> Workers | None:
    """The processes that recognise; None when there are to be none, or there cannot be."""
    if settings.speech == "none":
        return None
    problems = [p.render() for p in check_speech(settings) if p.code.startswith("E")]
    if problems:
        log.error("speech_not_set_up", problems=problems)
        return None
    found = models(
        settings.speech, settings.languages, settings.speech_model_dir, settings.speech_model_dirs
    )
    return Workers(settings.speech, found, settings.speech_workers)


def judge() -> Callable[[bytes], bool]:
    """Tells whether a frame is voice; of one caller, for it remembers the line's noise."""
    import webrtcvad  # of the extra

    detector = webrtcvad.Vad(_AGGRESSIVENESS)
    return lambda frame: bool(detector.is_speech(frame, RATE))
