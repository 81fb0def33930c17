"""An agent listens to his mailbox by phone, and to those of his queues.

New messages come first, urgent ones before them, then what was heard or saved. What he does with
each is noted at once, so a hang-up at any moment loses nothing of it; a message counts as heard
when it was played to its end, or decided about. After the last one he may record his greeting.
"""

from __future__ import annotations

from typing import Final

import structlog

from acd.agent_settings import AgentSettings
from engine.call_record import GREETING, MessageState
from engine.calls import notes as n
from engine.calls.announce import say
from engine.calls.call import Call, Mail
from engine.calls.errands.dictation import Dictation, begin
from engine.calls.errands.review_dialog import Ask, Listen, ReviewDialog, Verdict
from engine.calls.keys import ask_keys
from engine.calls.lanes import ACD, AGENT
from engine.calls.mailboxes import notes as m
from engine.calls.mailboxes.booking import take_back
from engine.calls.mailboxes.ear import Ear
from engine.calls.mailboxes.leaving import SHORTEST_SECONDS
from engine.calls.mailboxes.message_dialog import MessageDialog, Wish
from engine.calls.queueing.forwarding import forward
from engine.calls.saying import Saying
from engine.calls.switchboard import Switchboard
from engine.ivr.saying import number_part
from engine.ivr.sounds import Sound
from engine.mailbox import Message, heard_by, of_agent

log = structlog.get_logger("mailboxes")

MOST_MESSAGES: Final = 100
GREETING_SECONDS: Final = 60.0
_LARGEST_NUMBER = 59
"""Of those that there are prompts for."""
_GREETING_KEY = "9"
_STATES = {Wish.SAVE: MessageState.SAVED, Wish.DELETE: MessageState.DELETED}


async def listen_to_mailbox(call: Call, sb: Switchboard, agent: str) -> str:
    """Play an agent his messages on his own call, which is answered, and do what he wants with
    them. Returns who ends the call: 'engine'. Raises ``CallerGone`` when he hangs up.
    """
    return await _Listening(call, sb, sb.site.agents[agent]).run()


class _Listening:
    """One agent at his phone."""

    def __init__(self, call: Call, sb: Switchboard, agent: AgentSettings) -> None:
        self._call, self._sb, self._agent = call, sb, agent
        self._language = agent.languages[0] if agent.languages else sb.default_language
        self._ear = Ear(call, sb, call.channel, self._language)

    async def run(self) -> str:
        """All of them, then his greeting."""
        if self._call.standing.forwarded is not None:  # a crash: he talks with who left one
            await forward(self._call, self._sb, self._sb.queue(""), "")
            return "engine"
        mailboxes = heard_by(self._agent)
        messages = await self._sb.mailboxes.messages(mailboxes, MOST_MESSAGES)
        if messages is None:
            await say(self._call, self._sb, "not_possible", self._language)
            return "engine"
        log.info("mailbox_opened", agent=self._agent.name, messages=len(messages))
        if await self._hear_all(messages):
            await self._offer_greeting("mailbox_empty" if not messages else "mailbox_no_more")
        return "engine"

    async def _hear_all(self, messages: list[Message]) -> bool:
        """Whether he has gone through all of them."""
        for number, message in enumerate(messages):
            first = _counted(messages) if number == 0 else ("mailbox_next",)
            if await self._hear(message, first) is Wish.END:
                return False
        return True

    async def _hear(self, message: Message, introduction: tuple[Sound, ...]) -> Wish:
        """One message, until he goes on to the next or ends it."""
        dialog = MessageDialog()

        def heard() -> None:
            if message.state is MessageState.NEW:
                self._mark(message, MessageState.HEARD)

        while True:
            wish = await self._ear.attend(message, dialog, introduction, self._ignore, heard)
            if wish is not Wish.CALL:
                break
            reached = await self._call_back(message)
            introduction = () if reached else ("voicemail_not_reached",)
            dialog = MessageDialog(heard=True)
        if wish in _STATES:
            self._mark(message, _STATES[wish])
        return wish

    async def _ignore(self, mail: Mail) -> None:
        """Nothing else concerns him now."""

    def _mark(self, message: Message, state: MessageState) -> None:
        call, agent = self._call, self._agent.name
        call.note(m.MessageMarked(call.now(), message.recording, state, agent))
        call.step(AGENT, f"message {state}", ACD, message.recording)
        take_back(self._sb, message.recording, f"{state} by {agent}")

    async def _call_back(self, message: Message) -> bool:
        """Whether he has talked with who left it."""
        call = self._call
        self._mark_heard(message)
        reached = await forward(call, self._sb, self._sb.queue(""), message.caller)
        call.note(n.ErrandTaken(call.now()))
        return reached

    def _mark_heard(self, message: Message) -> None:
        marks = (note for note in self._call.standing.notes if isinstance(note, m.MessageMarked))
        known = any(mark.recording == message.recording for mark in marks)
        if message.state is MessageState.NEW and not known:
            self._mark(message, MessageState.HEARD)

    # -- his greeting -------------------------------------------------------------------------

    async def _offer_greeting(self, said: str) -> None:
        prompts = (said, "mailbox_menu")
        key = await ask_keys(self._call, self._sb, prompts, 1, self._language)
        if key == _GREETING_KEY:
            await self._record_greeting()

    async def _record_greeting(self) -> None:
        """Until he keeps one, or wants the prompt again."""
        call, sb = self._call, self._sb
        verdict = Verdict.AGAIN
        recording = ""
        while verdict is Verdict.AGAIN:
            await say(call, sb, "greeting_speak", self._language)
            began = begin(call, "g", "", GREETING)
            closed = await Dictation(call, sb, began, seconds=GREETING_SECONDS).record()
            recording = closed.name
            if closed.seconds < SHORTEST_SECONDS:
                return await say(call, sb, "not_possible", self._language)
            verdict = await self._review(recording)
        kept = "" if verdict is Verdict.DELETE else recording
        mailbox, agent = of_agent(self._agent.name), self._agent.name
        call.note(m.GreetingSet(call.now(), mailbox, kept, agent))
        log.info("greeting_set", mailbox=mailbox, recording=kept or None)
        await say(call, sb, "greeting_kept" if kept else "greeting_deleted", self._language)

    async def _review(self, recording: str) -> Verdict:
        dialog, saying = (
            ReviewDialog("greeting_review"),
            Saying(self._call, self._sb, self._language),
        )
        answer = dialog.begin(self._call.now())
        while not isinstance(answer, Verdict):
            match answer:
                case Ask(prompt=prompt):
                    await saying.say(prompt)
                case Listen():
                    await saying.play([f"recording:{recording}"], "the greeting")
            answer = await saying.answer(dialog)
        await saying.hush()
        return answer


def _counted(messages: list[Message]) -> tuple[Sound, ...]:
    """How many there are."""
    new = sum(message.state is MessageState.NEW for message in messages)
    count, what = (new, "mailbox_new") if new else (len(messages), "mailbox_old")
    return ("mailbox_has", number_part(min(count, _LARGEST_NUMBER)), what)
