"""Text spoken while a caller listens: each text is made once, and kept for the next who asks.

The voice works in threads of its own, a few at a time; a caller waits for it only so long, and goes
on without rather than in silence.
"""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine import whole_file
from engine.sounds.making import fingerprint, spoken
from engine.sounds.shelf import PRIVATE, SoundShelf
from engine.sounds.text_to_speech import CannotSpeak, Voice
from engine.sounds.tools import Programs, SoundError

SPOKEN = "spoken"
"""The folder of spoken texts beside those of the languages."""

LONGEST_TEXT = 1000
PRIVATE_SECONDS = 600.0
"""How long a private text is kept: longer than any play, for Asterisk opens its file late."""

_MOST_WAITING = 50


class Speaker:
    """Speaks texts into files that Asterisk sees under the same path; made in a running loop.

    ``at_once`` texts are made at a time. What was made is found again after a restart.
    """

    def __init__(
        self,
        folder: Path,
        voice: Voice,
        programs: Programs,
        *,
        at_once: int = 2,
        timeout_seconds: float = 3.0,
        most_files: int = 2000,
        most_bytes: int = 200_000_000,
    ) -> None:
        self._shelf = SoundShelf(folder.absolute(), most_files, most_bytes)
        self._voice = voice
        self._programs = programs
        self._timeout = timeout_seconds
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="speak")
        self._making: dict[str, asyncio.Future[None]] = {}

    async def media(self, text: str, language: str, *, keep: bool = True) -> str:
        """The media URI of this text; who asks for one that is being made waits for that.

        Without ``keep`` nobody else gets it, and its file is gone after a while. Raises ``NoVoice``
        or another ``CannotSpeak``.
        """
        text = " ".join(text.split())
        if not text or len(text) > LONGEST_TEXT:
            raise CannotSpeak(f"a text has 1 to {LONGEST_TEXT} characters, this one {len(text)}")
        name = fingerprint(text, language, self._voice) if keep else PRIVATE + secrets.token_hex(16)
        if not self._shelf.has(name):
            await self._wait_for(name, text, language, keep)
        return f"sound:{self._shelf.file(name).with_suffix('')}"

    def close(self) -> None:
        """Private texts are deleted; what is being made is of no use any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._shelf.forget_private()

    async def _wait_for(self, name: str, text: str, language: str, keep: bool) -> None:
        made = self._making.get(name) or self._begin(name, text, language, keep)
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.shield(made)
        except TimeoutError:
            raise CannotSpeak(f"the voice took longer than {self._timeout:g} s") from None
        except CannotSpeak:
            raise
        except (SoundError, OSError) as error:
            raise CannotSpeak(str(error)) from error

    def _begin(self, name: str, text: str, language: str, keep: bool) -> asyncio.Future[None]:
        if len(self._making) >= _MOST_WAITING:
            raise CannotSpeak("too many texts wait to be spoken")
        loop = asyncio.get_running_loop()
        making = loop.run_in_executor(self._pool, self._make, name, text, language)
        making.add_done_callback(lambda made: self._made(name, keep, made))
        self._making[name] = making
        return making

    def _make(self, name: str, text: str, language: str) -> None:
        """In a thread: the file, in one step."""
        sound = spoken(text, language, self._voice, self._programs, self._timeout)
        whole_file.write(self._shelf.file(name), sound, durable=False)

    def _made(self, name: str, keep: bool, made: asyncio.Future[None]) -> None:
        del self._making[name]
        if made.cancelled() or made.exception() is not None:
            return  # told to who waits for it
        self._shelf.add(name)
        if not keep:
            made.get_loop().call_later(PRIVATE_SECONDS, self._shelf.drop, name)
