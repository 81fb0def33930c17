"""The commands of ``AsteriskPbx`` that record: bridges, callers who speak, and calls as heard."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress

from engine.asterisk.pbx_link import PbxLink, checked
from engine.asterisk.translate import OWN_LEG
from engine.ports import Gone, NotInStasis, PbxError, RecordedSide, Refused

_BEGIN_SECONDS = 1.0
"""How long a recording may take from the command to its beginning."""
_RECORDING = re.compile(r"[A-Za-z0-9._-]{1,80}")


class RecordingCommands(PbxLink):
    """Recordings are WAV, 8 kHz mono. Their names are never used twice."""

    async def record(self, bridge: str, recording: str) -> None:
        """Record what the room hears; a recording that runs already is a success."""
        if not await self._runs(recording):
            await self.ari.bridges.record(bridge, recording, "wav")

    async def record_message(
        self, channel: str, recording: str, seconds: float, silence_seconds: float = 0.0
    ) -> None:
        """Beep, and record what the caller says; a recording that runs already is a success."""
        async with self._lane(channel):
            if not await self._runs(recording):
                await self.ari.channels.record(
                    channel,
                    recording,
                    "wav",
                    max_duration_seconds=round(seconds),
                    max_silence_seconds=round(silence_seconds),
                    beep=True,
                    terminate_on="#",
                )

    async def record_call(
        self, channel: str, recording: str, side: RecordedSide = RecordedSide.BOTH
    ) -> None:
        """Record what the channel says and hears, by a snoop channel of the recording's name,
        which ends with the channel.

        Not by its bridge: a recorder that is alone there with one other gets no frame from him who
        is muted, and its file lacks that time; an empty bridge ends it, and nobody is told.
        """
        if await self._runs(recording):
            return
        snoop, record = self.ari.channels.snoop_channel, self.ari.channels.record
        with suppress(Refused, NotInStasis):  # 409: an engine that crashed may have made it
            await snoop(channel, self._app, spy=side.value, app_args=OWN_LEG, snoop_id=recording)
        try:
            await self._once_entered(lambda: record(recording, recording, "wav"))
        except PbxError:
            await self.hang_up(recording)  # it listens for nobody
            raise

    async def pause_recording(self, recording: str, paused: bool) -> None:
        """Write nothing, or go on writing; ``Refused`` when the state is not as wanted then.

        Not ARI's ``mute``, which would write silence: what it does depends on how often it was
        asked before (22.10 toggles at each ``mute``), and nothing tells whether it is on.
        """
        live, wanted = self.ari.recordings, "paused" if paused else "recording"
        deadline = self._now() + _BEGIN_SECONDS
        while self._now() < deadline:
            if (await live.get_live(recording)).state != "queued":
                break
            await asyncio.sleep(0.01)
        await (live.pause(recording) if paused else live.unpause(recording))
        state = (await live.get_live(recording)).state
        if state != wanted:
            raise Refused(f"recording {recording} is {state}, not {wanted}")

    async def stop_recording(self, recording: str) -> None:
        """Close a recording; ``RecordingEnded`` follows."""
        await self.ari.recordings.stop(recording)

    async def delete_recording(self, recording: str) -> None:
        """Remove the file of a closed recording."""
        with suppress(Gone):
            await self.ari.recordings.delete_stored(checked(recording, _RECORDING))

    async def _runs(self, recording: str) -> bool:
        try:
            await self.ari.recordings.get_live(checked(recording, _RECORDING))
        except Gone:
            return False
        return True
