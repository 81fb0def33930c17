"""What Asterisk is told to play for a play of a flow: prompts, spoken text, tones and pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from engine.ivr.sounds import Pause, Sound, Speak, Tone
from engine.sounds.prompt_files import PromptFiles
from engine.sounds.speaking import Speaker
from engine.sounds.text_to_speech import CannotSpeak, NoVoice
from engine.sounds.tone_files import ToneFiles

log = structlog.get_logger("sounds")


class MediaUris:
    """Turns sounds into media URIs. What cannot be made is left out, with a warning."""

    def __init__(self, prompts: PromptFiles, tones: ToneFiles, speaker: Speaker) -> None:
        self._prompts = prompts
        self._tones = tones
        self._speaker = speaker

    async def uris(
        self,
        sounds: Sequence[Sound],
        languages: Sequence[str],
        *,
        keep: bool = True,
        version: str = "",
    ) -> list[str]:
        """The URIs of these sounds in turn, each in the first of ``languages`` that has it.

        Texts are spoken at the same time, within the speaker's few seconds. Without ``keep`` they
        are private. Prompts are those of this ``version`` of the flows, '' for the one in force.
        Empty when there is nothing that can be played.
        """
        found = await asyncio.gather(*(self._uris(s, languages, keep, version) for s in sounds))
        return [uri for uris in found for uri in uris]

    async def _uris(
        self, sound: Sound, languages: Sequence[str], keep: bool, version: str
    ) -> list[str]:
        try:
            match sound:
                case Speak(text=text):
                    return [await self._spoken(text, languages, keep)]
                case Tone(name=name, seconds=seconds):
                    return [self._tones.tone(name, seconds)]
                case Pause(seconds=seconds):
                    return self._tones.silence(seconds)
        except (CannotSpeak, OSError, KeyError) as error:
            log.warning("sound_left_out", kind=type(sound).__name__.lower(), reason=str(error))
            return []
        return [self._prompts.media(sound, languages, version)]

    async def _spoken(self, text: str, languages: Sequence[str], keep: bool) -> str:
        """In the first language that has a voice."""
        for language in languages:
            try:
                return await self._speaker.media(text, language, keep=keep)
            except NoVoice:
                continue
        raise CannotSpeak(f"there is no voice for {', '.join(languages)}")
