"""The story of somebody who is asked into a room: he is rung, hears who wants him, and comes."""

from __future__ import annotations

from dialplan.outbound import Way
from engine.call_record import CallOutcome, SegmentKind
from engine.calls import notes as n
from engine.calls.announce import begin_playing
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.conferences.attending import confer
from engine.calls.conferences.inviting import free_agent, whom
from engine.calls.conferences.notes import ConferenceJoined, Invited
from engine.calls.conferences.settings import conferring
from engine.calls.errands.calling_agents import engage, occupy
from engine.calls.errands.dialing import AgentPhone, Dialing, NotReached
from engine.calls.lanes import ARI, SIP
from engine.calls.mail import CallbackCancelled
from engine.calls.outcomes import Missed
from engine.calls.spoken import digits
from engine.calls.switchboard import Switchboard
from engine.ports import DigitPressed, LegAnswered, PlaybackEnded

RING_SECONDS = 30.0
_ACCEPT_SECONDS = 10.0
"""For the key by which he accepts, after what he hears first."""
_LONGEST_SAYING_SECONDS = 60.0
"""When the end of that is never told."""
_TOLD = {
    Missed.BUSY: "called_busy",
    Missed.NO_ANSWER: "called_no_answer",
    Missed.UNREACHABLE: "called_unreachable",
}


async def invited(call: Call, sb: Switchboard) -> str:
    """Ring, introduce, join. Returns who ended the call: 'engine'; raises ``CallerGone``."""
    asked = call.standing.invited
    assert asked is not None  # the entry of its notes
    try:
        if not call.channel and not await _reach(call, sb, asked):
            return "engine"
        await _bring_in(call, sb, asked)
    except CallerGone as gone:
        if not any(isinstance(note, ConferenceJoined) for note in call.standing.notes):
            _tell(sb, asked, Missed.REJECTED)
        free_agent(call, sb, asked.agent, gone.gone.at)
        raise
    except Exception:
        free_agent(call, sb, asked.agent, call.now())
        raise
    free_agent(call, sb, asked.agent, call.now())
    return "engine"


async def _reach(call: Call, sb: Switchboard, asked: Invited) -> bool:
    """Ring him; whether he is on the line. The room is told when he is not."""
    dialing = Dialing(call, sb, RING_SECONDS, hear=_hear)
    dialed = call.standing.dialed
    if dialed is not None:
        answer = await dialing.go_on(dialed)
    elif isinstance(to := whom(sb, asked.agent or asked.number), Missed):
        answer = NotReached(to, tried=False)
    else:
        answer = await _begin(call, sb, dialing, to)
    if isinstance(answer, NotReached):
        call.note(
            n.NumberMissed(
                call.now(),
                answer.why,
                answer.tried,
                cause=answer.cause,
                tech_cause=answer.tech_cause,
            )
        )
        call.step(SIP, answer.why, ARI, asked.room)
        _tell(sb, asked, answer.why)
        free_agent(call, sb, asked.agent, call.now())
        return False
    call.connect(n.NumberAnswered(answer.at, answer.channel))
    if asked.agent:
        engage(call, sb, asked.agent, "")
    return True


async def _begin(
    call: Call, sb: Switchboard, dialing: Dialing, to: Way | AgentPhone
) -> LegAnswered | NotReached:
    if isinstance(to, AgentPhone):
        occupy(call, sb, to.agent)
    return await dialing.begin(to)


async def _hear(mail: Mail) -> Missed | None:
    return Missed.CANCELLED if isinstance(mail, CallbackCancelled) else None


async def _bring_in(call: Call, sb: Switchboard, asked: Invited) -> None:
    """He accepts, or not; then he is in the room until he is out."""
    standing = call.standing
    action = conferring(sb, asked.room, asked.role)
    if standing.conference is None and standing.returned is None:
        call.segment(SegmentKind.IVR)
        if not await _accepts(call, sb, asked, action.accept_key):
            call.note(n.OutcomeSet(call.now(), CallOutcome.NOT_REACHED))
            call.note(n.ErrandEnded(call.now(), "declined"))
            _tell(sb, asked, Missed.REJECTED)
            return
    await confer(
        call, sb, action.confer, call.standing.language, passes_lock=True, agent=asked.agent
    )


async def _accepts(call: Call, sb: Switchboard, asked: Invited, key: str) -> bool:
    """Whether he presses the key, also while he is told; without a key he has accepted."""
    playback = await _introduce(call, sb, asked, key)
    until = call.now() + _LONGEST_SAYING_SECONDS
    while (mail := await call.receive(until)) is not None:
        match mail:
            case DigitPressed(channel=channel, digit=digit) if channel == call.channel and key:
                await sb.pbx.stop_playback(call.channel, playback)
                return digit == key
            case PlaybackEnded(playback=ended) if ended == playback:
                if not key:
                    return True
                until = call.now() + _ACCEPT_SECONDS
    return not key


async def _introduce(call: Call, sb: Switchboard, asked: Invited, key: str) -> str:
    """Who wants him: in that one's own words, or by his number. Returns the playback's id."""
    language = call.standing.language
    languages = (language, *sb.languages)
    who = [f"recording:{asked.name}"] if asked.name else []
    spoken = () if asked.name else digits(asked.by)
    accept = ("conference_accept", *digits(key)) if key else ()
    by = "conference_invited_by" if who or spoken else "conference_invited"
    media = [
        sb.prompts.media(by, languages),
        *who,
        *(sb.prompts.media(prompt, languages) for prompt in (*spoken, *accept)),
    ]
    return await begin_playing(call, sb, media, language, f"invited by {asked.by or 'the API'}")


def _tell(sb: Switchboard, asked: Invited, why: Missed) -> None:
    """The room hears that he does not come."""
    room = sb.conferences.find(asked.room)
    if room is not None and why is not Missed.CANCELLED:
        room.tell("conference_not_coming", *filter(None, [_TOLD.get(why, "")]))
