"""Small things said to a caller or an agent outside any flow."""

from __future__ import annotations

from engine.calls import notes as n
from engine.calls.call import Call
from engine.calls.lanes import ARI, SIP
from engine.calls.switchboard import Switchboard
from engine.ports import PlaybackEnded

_LONGEST_SECONDS = 60.0


async def answer(call: Call, sb: Switchboard) -> None:
    """Answer the channel and note it."""
    await sb.pbx.answer(call.channel)
    call.note(n.Answered(call.now()))
    call.step(ARI, "answer", SIP)


async def begin_saying(call: Call, sb: Switchboard, prompts: tuple[str, ...], language: str) -> str:
    """Start some of the engine's own prompts, one after the other. Returns the playback's id."""
    playback = call.new_id("p")
    media = [sb.prompts.media(prompt, (language, *sb.languages)) for prompt in prompts]
    call.note(n.Playing(call.now(), playback))
    call.step(ARI, "say", SIP, f"{', '.join(prompts)} ({language})")
    await sb.pbx.play(call.channel, playback, media, language)
    return playback


async def say(call: Call, sb: Switchboard, prompt: str, language: str) -> None:
    """Play one of the engine's own prompts to its end."""
    playback = await begin_saying(call, sb, (prompt,), language)
    deadline = call.now() + _LONGEST_SECONDS
    while True:
        mail = await call.receive(deadline)
        match mail:
            case PlaybackEnded(ok=False) if call.hanging_up:
                continue  # cut by his hang-up, whose end follows
            case None:
                return
            case PlaybackEnded(playback=ended) if ended == playback:
                return
