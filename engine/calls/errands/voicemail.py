"""A caller leaves a message: a greeting, a beep, and what he says is recorded, perhaps reviewed."""

from __future__ import annotations

import structlog

from engine.call_record import VOICEMAIL, RecordingMade
from engine.calls import notes as n
from engine.calls.announce import play, say, sound
from engine.calls.call import Call, CallerGone
from engine.calls.errands.dictation import Dictation, begin, drop, note_left
from engine.calls.errands.review_dialog import Ask, Listen, ReviewDialog, Verdict
from engine.calls.lanes import ARI, SIP
from engine.calls.mailboxes.leaving import SHORTEST_SECONDS, URGENT
from engine.calls.saying import Saying
from engine.calls.switchboard import Switchboard
from engine.ivr.messages import Returned, TakeMessage
from engine.mailbox import Mailbox, of_queue, settings_of

log = structlog.get_logger("voicemail")

_USUAL = TakeMessage("").greeting
_Spoken = RecordingMade | n.RecordingClosed


async def take_message(call: Call, sb: Switchboard, action: TakeMessage, language: str) -> Returned:
    """From the greeting to the thanks; after a crash, on with the message that he speaks.

    ``saved``, ``too_short`` or ``deleted``, with the ``seconds`` that there are of it; of a mailbox
    that is full ``too_short``, when he has heard that it is. Raises ``CallerGone`` when he hangs
    up, which is how most messages end: what he said is kept.
    """
    done = call.standing.returned
    if done is not None:
        return Returned(done.by, done.values)
    return await _Message(call, sb, action, language).take()


class _Message:
    """One message, however often it is spoken anew."""

    def __init__(self, call: Call, sb: Switchboard, action: TakeMessage, language: str) -> None:
        self._call, self._sb, self._action, self._language = call, sb, action, language
        self._mailbox = action.mailbox or of_queue(action.queue)

    async def take(self) -> Returned:
        standing = self._call.standing
        spoken = standing.reviewed
        if spoken is None and standing.message is None:
            mailbox = await self._sb.mailboxes.look(self._mailbox)
            if self._is_full(mailbox):
                return await self._turn_away()
            await self._greet(mailbox)
        while True:
            made = await self._record() if spoken is None else self._made(spoken.recording)
            if made.seconds < SHORTEST_SECONDS:
                return await self._leave_out("too_short", made)
            verdict = await self._review(made.name) if self._action.review else Verdict.KEEP
            if verdict is Verdict.DELETE:
                returned = await self._leave_out("deleted", made)
                await say(self._call, self._sb, "voicemail_deleted", self._language)
                return returned
            if verdict is not Verdict.AGAIN:
                return await self._keep(made, verdict)
            await drop(self._call, self._sb, made.name)
            spoken = None

    def _is_full(self, mailbox: Mailbox) -> bool:
        settings = settings_of(self._mailbox, self._sb.site.agents, self._sb.site.queues)
        return settings is not None and mailbox.kept >= settings.most_messages

    async def _turn_away(self) -> Returned:
        log.warning("mailbox_full", mailbox=self._mailbox)
        self._call.step(ARI, "mailbox full", SIP, self._mailbox)
        await say(self._call, self._sb, "mailbox_full", self._language)
        return self._return("too_short", 0.0)

    async def _greet(self, mailbox: Mailbox) -> None:
        """A flow's own prompts; else what was recorded by phone, or what the mailbox is set to."""
        settings = settings_of(self._mailbox, self._sb.site.agents, self._sb.site.queues)
        own, asked = _USUAL if settings is None else (settings.greeting,), self._action.greeting
        if asked not in (_USUAL, own):
            await sound(self._call, self._sb, asked, self._language)
        elif mailbox.greeting:
            await play(self._call, self._sb, [f"recording:{mailbox.greeting}"], self._language)
        else:
            await sound(self._call, self._sb, own, self._language)

    async def _record(self) -> n.RecordingClosed:
        """What there is of it; its file is closed."""
        call, action, began = self._call, self._action, self._call.standing.message
        return await Dictation(
            call,
            self._sb,
            began or begin(call, "m", action.queue, VOICEMAIL, action.review, self._mailbox),
            seconds=action.seconds,
            silence_seconds=action.silence_seconds,
            again=began is not None,
        ).record()

    def _made(self, name: str) -> RecordingMade:
        return next(each for each in self._call.standing.recordings if each.name == name)

    async def _review(self, name: str) -> Verdict:
        """What he wants to become of it; a message whose caller hangs up is kept."""
        try:
            return await self._ask_about(name)
        except CallerGone as gone:
            note_left(self._call, name, gone.gone.at)
            raise

    async def _ask_about(self, recording: str) -> Verdict:
        dialog, saying = ReviewDialog(), Saying(self._call, self._sb, self._language)
        answer = dialog.begin(self._call.now())
        while not isinstance(answer, Verdict):
            match answer:
                case Ask(prompt=prompt):
                    await saying.say(prompt)
                case Listen():
                    await saying.play([f"recording:{recording}"], "his message")
            answer = await saying.answer(dialog)
        await saying.hush()
        return answer

    async def _keep(self, made: _Spoken, verdict: Verdict) -> Returned:
        call, now = self._call, self._call.now()
        note_left(call, made.name, now)
        if verdict is Verdict.URGENT:
            call.note(n.Tagged(now, {URGENT: made.name}))
        returned = self._return("saved", made.seconds)
        call.step(SIP, "message left", ARI, f"{made.seconds:.0f} s")
        log.info("message_left", mailbox=self._mailbox, seconds=made.seconds)
        await say(call, self._sb, "voicemail_thanks", self._language)
        return returned

    async def _leave_out(self, by: str, made: _Spoken) -> Returned:
        """Nothing is kept but the news of what went wrong."""
        returned = self._return(by, 0.0)
        if made.complete:
            await drop(self._call, self._sb, made.name)
        return returned

    def _return(self, by: str, seconds: float) -> Returned:
        values = {"seconds": seconds}
        self._call.note(n.ErrandEnded(self._call.now(), by, values))
        return Returned(by, values)
