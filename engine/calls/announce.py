"""Small things said to a caller or an agent outside any flow."""

from __future__ import annotations

from collections.abc import Sequence

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.flows.plays import shown
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard
from engine.ivr.sounds import Sound
from engine.ports import PlaybackEnded

_LONGEST_SECONDS = 60.0
_LONGEST_SOUNDS_SECONDS = 300.0
"""When the end of what is played is never told."""


async def answer(call: Call, sb: Switchboard) -> None:
    """Answer the channel and note it."""
    await sb.pbx.answer(call.channel)
    call.note(n.Answered(call.now()))
    call.step(ARI, "answer", SIP)


async def begin_saying(call: Call, sb: Switchboard, prompts: tuple[str, ...], language: str) -> str:
    """Start some of the engine's own prompts, one after the other. Returns the playback's id."""
    media = [sb.prompts.media(prompt, (language, *sb.languages)) for prompt in prompts]
    return await begin_playing(call, sb, media, language, ", ".join(prompts))


async def begin_playing(
    call: Call, sb: Switchboard, media: Sequence[str], language: str, what: str
) -> str:
    """Start these media, ``what`` in the ladder's words. Returns the playback's id."""
    playback = call.new_id("p")
    call.note(n.Playing(call.now(), playback))
    call.step(ARI, "say", SIP, f"{what} ({language})")
    await sb.pbx.play(call.channel, playback, media, language)
    return playback


async def say(call: Call, sb: Switchboard, prompt: str, language: str) -> None:
    """Play one of the engine's own prompts to its end."""
    await say_all(call, sb, (prompt,), language)


async def say_all(call: Call, sb: Switchboard, prompts: tuple[str, ...], language: str) -> None:
    """Play some of them, one after the other, to their end."""
    await _until_said(call, await begin_saying(call, sb, prompts, language), _LONGEST_SECONDS)


async def sound(call: Call, sb: Switchboard, sounds: Sequence[Sound], language: str) -> None:
    """Play what a flow says to its end; nothing, when none of it can be played."""
    version = call.flows.version if call.flows is not None else ""
    media = await sb.sounds.uris(sounds, (language, *sb.languages), version=version)
    if media:
        what = ", ".join(map(shown, sounds))
        playback = await begin_playing(call, sb, media, language, what)
        await _until_said(call, playback, _LONGEST_SOUNDS_SECONDS)


async def play(call: Call, sb: Switchboard, media: Sequence[str], language: str) -> None:
    """Play media URIs to their end."""
    playback = await begin_playing(call, sb, media, language, ", ".join(media))
    await _until_said(call, playback, _LONGEST_SOUNDS_SECONDS)


async def _until_said(call: Call, playback: str, seconds: float) -> None:
    deadline = call.now() + seconds
    while True:
        mail = await call.receive(deadline)
        match mail:
            case PlaybackEnded(ok=False) if call.hanging_up:
                continue  # cut by his hang-up, whose end follows
            case None:
                return
            case PlaybackEnded(playback=ended) if ended == playback:
                return
