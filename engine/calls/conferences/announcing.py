"""Who comes into a room and who goes is told to the others: by a tone, a sentence, or his name."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum

from engine.calls.announce import begin_saying, say
from engine.calls.call import Call, CallerGone
from engine.calls.conferences.rooms import Member, Room
from engine.calls.lanes import ARI
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed, PbxError, PlaybackEnded, RecordingEnded

BEEP = "sound:beep"
"""Of Asterisk's own sounds: once for who comes, twice for who goes."""
_NAME_SECONDS, _SILENCE_SECONDS = 6.0, 1.5
_PATIENCE_SECONDS = 5.0
"""For the end of a recording of a name, after its longest time."""
_LONGEST_SAYING_SECONDS = 20.0
"""When the end of what is said is never told."""


class Announce(StrEnum):
    """How it is told who comes and who goes."""

    NONE = "none"
    TONE = "tone"
    SPOKEN = "spoken"
    NAME = "name"  # as he spoke it before he came in


async def ask_name(call: Call, sb: Switchboard, language: str) -> str:
    """He says his name: the recording of it, '' when there is none. Raises ``CallerGone``."""
    await say(call, sb, "conference_name", language)
    name = call.new_id("n")
    try:
        await sb.pbx.record_message(call.channel, name, _NAME_SECONDS, _SILENCE_SECONDS)
    except PbxError as error:
        call.step(ARI, "name not recorded", ARI, str(error))
        return ""
    try:
        return name if await _is_said(call, name) else ""
    except CallerGone:
        until = call.now() + _PATIENCE_SECONDS
        await call.find(RecordingEnded, until, lambda ended: ended.recording == name)
        await delete_name(sb, name)
        raise


async def _is_said(call: Call, name: str) -> bool:
    until = call.now() + _NAME_SECONDS + _PATIENCE_SECONDS
    while (mail := await call.receive(until)) is not None:
        if isinstance(mail, RecordingEnded) and mail.recording == name:
            return mail.ok
    return False


async def tell_others(
    sb: Switchboard, room: Room, member: Member, how: Announce, language: str, *, comes: bool
) -> None:
    """He has come, or has gone. Nobody is told who hears music, for he is alone or waits."""
    if room.held or how is Announce.NONE or not room.members:
        return
    host = next(iter(room.members.values())).call
    playback, name = host.new_id("p"), member.joined.name
    if name and not comes:
        room.names[playback] = name
    with suppress(PbxError):
        media = _media(sb, how, name, language, comes)
        await sb.pbx.play_to_all(room.bridge, playback, media)


def _media(sb: Switchboard, how: Announce, name: str, language: str, comes: bool) -> list[str]:
    if how is Announce.TONE:
        return [BEEP] * (1 if comes else 2)
    languages = (language, *sb.languages)
    what = "joined" if comes else "left"
    if how is Announce.NAME and name:
        return [f"recording:{name}", sb.prompts.media(f"conference_has_{what}", languages)]
    return [sb.prompts.media(f"conference_one_{what}", languages)]


async def forget_name(sb: Switchboard, room: Room, ended: PlaybackEnded) -> None:
    """The name of somebody who left was said to its end."""
    await delete_name(sb, room.names.pop(ended.playback, ""))


async def delete_name(sb: Switchboard, name: str) -> None:
    """It is needed no more; a file that cannot be deleted stays. Nothing, when there is none."""
    if name:
        with suppress(PbxError):
            await sb.pbx.delete_recording(name)


async def tell_before(call: Call, sb: Switchboard, prompts: tuple[str, ...], language: str) -> None:
    """To who is to be joined, to its end, for nobody can be who is played to; keys that he presses
    meanwhile are for the room."""
    playback = await begin_saying(call, sb, prompts, language)
    until = call.now() + _LONGEST_SAYING_SECONDS
    await call.find(PlaybackEnded, until, lambda end: end.playback == playback)


def is_key_of(call: Call, mail: object) -> bool:
    """Whether this is a key of his own."""
    return isinstance(mail, DigitPressed) and mail.channel == call.channel
