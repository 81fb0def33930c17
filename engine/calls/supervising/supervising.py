"""The story of a supervisor: his phone is connected, and he follows an agent from talk to talk.

He called with a feature code, or was rung because somebody asked for it by the API. In a talk he
listens, whispers or has joined in, and changes between them by a key or by the API; between two
talks he hears music. Each change is noted first, so it is in the audit log whatever happens then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

import structlog

from acd.core import IllegalEvent
from acd.messages import TalkEnded, WorkBegan
from engine.call_record import CallOutcome
from engine.calls import notes as n
from engine.calls.call import Call, CallerGone, Mail
from engine.calls.errands.dialing import AgentPhone, Dialing, NotReached
from engine.calls.lanes import AGENT, ARI, SIP
from engine.calls.mail import TakeOverWanted, WatchWanted
from engine.calls.outcomes import Missed
from engine.calls.supervising.accounting import audit_of
from engine.calls.supervising.notes import Supervised, SupervisionAsked
from engine.calls.supervising.post import ListeningPost
from engine.calls.switchboard import Switchboard
from engine.calls.talk.lines import lend, return_line
from engine.calls.talk.orders import (
    AgentIsQuiet,
    AgentTalks,
    NotPossible,
    SupervisorIs,
    TakeOver,
)
from engine.calls.talk.parties import Watch
from engine.ports import DigitPressed, LegGone

log = structlog.get_logger("supervising")

KEYS: Final = {"4": Watch.LISTEN, "5": Watch.WHISPER, "6": Watch.BARGE}
TAKE_OVER_KEY: Final = "9"
_RING_SECONDS = 30.0
_FIND_SECONDS = 3.0
"""After a crash: how long the talk that he was in may be in coming back."""


async def supervision(call: Call, sb: Switchboard) -> str:
    """The story of a supervisor whom we ring. Returns who ended it: 'engine'."""
    asked = call.standing.supervision
    assert asked is not None
    if not call.channel and not await _reach(call, sb, asked):
        return "engine"
    return await supervise(call, sb, asked.supervisor, asked.agent, asked.watch, asked.by)


async def supervise(
    call: Call, sb: Switchboard, supervisor: str, agent: str, watch: Watch, by: str = ""
) -> str:
    """Until he hangs up, or is told to stop. Returns who ended it: 'engine'.

    ``call.channel`` is his phone, connected. Who may hear whom was asked before
    (``rights.may_hear``). After a crash it goes on as it was noted.
    """
    began = call.standing.supervised
    if began is None:
        call.note(n.OutcomeSet(call.now(), CallOutcome.FEATURE))
        began = Supervised(call.now(), supervisor, agent, watch, by=by)
        call.note(began)
        log.info("supervises", supervisor=supervisor, agent=agent, watch=watch)
    return await Supervising(call, sb, began).run()


async def _reach(call: Call, sb: Switchboard, asked: SupervisionAsked) -> bool:
    """Ring his phone; False when he is not there, or is not wanted any more."""
    dialing = Dialing(call, sb, _RING_SECONDS, hear=_heed_stop)
    if call.standing.dialed is not None:
        answer = await dialing.go_on(call.standing.dialed)
    else:
        answer = await dialing.begin(AgentPhone(asked.supervisor, asked.endpoint))
    if isinstance(answer, NotReached):
        call.note(n.NumberMissed(call.now(), answer.why, answer.tried))
        call.step(SIP, answer.why, ARI)
        log.info("supervisor_missed", supervisor=asked.supervisor, why=answer.why)
        return False
    call.connect(n.NumberAnswered(answer.at, answer.channel))
    call.step(SIP, "answer", ARI)
    return True


async def _heed_stop(mail: Mail) -> Missed | None:
    stop = isinstance(mail, WatchWanted) and mail.watch is Watch.GONE
    return Missed.CANCELLED if stop else None


def supervisors(calls: Iterable[Call]) -> Iterator[tuple[Call, SupervisionAsked | Supervised]]:
    """Those of these calls that are supervisors', and whom each follows or is to follow."""
    for call in calls:
        whom = call.standing.supervised or call.standing.supervision
        if whom is not None:
            yield call, whom


class Supervising:
    """One supervisor who follows one agent."""

    def __init__(self, call: Call, sb: Switchboard, now: Supervised) -> None:
        self.call, self.sb = call, sb
        self._now = now
        self._talk: AgentTalks | None = None
        self._post = ListeningPost(call, sb)
        self._stopped = False
        self._filed = 0
        self._patience: float | None = None

    async def run(self) -> str:
        """Until he has enough of it. Raises ``CallerGone``."""
        try:
            await self._follow()
        except CallerGone as gone:
            await self._leave(gone.gone.at)
            raise
        except Exception:  # not a cancelled task: the engine stops, and he goes on listening
            await self._leave()
            raise
        await self._leave()
        return "engine"

    async def _follow(self) -> None:
        call = self.call
        if call.standing.lent:
            await return_line(call, self.sb, self._now.supervisor)
        if not self.sb.desk.talks(self._now.supervisor, call.id):
            # After a crash others may tell of what was before.
            self._occupy(call.id, self.sb.desk.time)
        talk = self.sb.watching.follow(self._now.agent, call)
        if talk is None and self._now.contact in self.sb.registry.calls:
            self._patience = call.now() + _FIND_SECONDS
        else:
            await self._turn_to(talk)
        while not self._stopped:
            await self._take(await call.receive(self._deadline()))

    def _deadline(self) -> float | None:
        return min(filter(None, (self._patience, self._post.again_at)), default=None)

    async def _take(self, mail: Mail | None) -> None:
        match mail:
            case None:
                await self._turn_to(self._talk)
            case AgentTalks():
                await self._turn_to(mail)
            case AgentIsQuiet() if self._talk is None or self._talk.call == mail.call:
                await self._turn_to(self.sb.watching.talk_of(self._now.agent))
            case LegGone() if self._post.lost(mail.channel):
                await self._turn_to(self._talk)
            case DigitPressed(digit=digit) if digit in KEYS:
                await self._be(KEYS[digit])
            case DigitPressed(digit=digit) if digit == TAKE_OVER_KEY:
                await self._take_over()
            case TakeOverWanted():
                await self._take_over()
            case WatchWanted():
                await self._be(mail.watch)

    # -- with whom, and how -------------------------------------------------------------------

    async def _turn_to(self, talk: AgentTalks | None) -> None:
        """He is in this talk from now on; who had joined in does not join the next one unasked."""
        self._talk, self._patience = talk, None
        contact = talk.call if talk is not None else ""
        watch = self._now.watch
        if watch is Watch.BARGE and self._now.contact not in ("", contact):
            watch = Watch.LISTEN
        await self._change(watch, contact)

    async def _be(self, watch: Watch) -> None:
        if watch is Watch.GONE:
            self._stopped = True
        else:
            await self._change(watch, self._now.contact)

    async def _change(self, watch: Watch, contact: str) -> None:
        was, call = self._now, self.call
        if (was.watch, was.contact) != (watch, contact):
            self._now = Supervised(call.now(), was.supervisor, was.agent, watch, contact)
            call.note(self._now)
            told = f"{watch} {was.agent}" if contact else f"waits for {was.agent}"
            call.step(AGENT, told, ARI, contact)
            if was.contact != contact:
                self._tell(was.contact, Watch.GONE)
            self._tell(contact, watch)
        self._account()
        await self._post.bring(self._talk, watch)

    def _tell(self, contact: str, watch: Watch) -> None:
        """The talk's own ladder has him, too."""
        call = self.sb.registry.calls.get(contact)
        if call is not None:
            call.deliver(SupervisorIs(self._now.supervisor, watch, self._now.agent))

    def _account(self) -> None:
        """What is new for the audit log; his record has all of it once more."""
        entries = audit_of(self.call.id, self.call.standing.notes)
        for entry in entries[self._filed :]:
            self.sb.file_audit(entry)
        self._filed = len(entries)

    # -- his own talk -------------------------------------------------------------------------

    async def _take_over(self) -> None:
        """The talk is his own, until it is over or he has given it away; then he goes on waiting
        for the agent's next one."""
        user = self.sb.registry.calls.get(self._now.contact)
        if user is None:
            return
        supervisor, agent = self._now.supervisor, self._now.agent
        await self._post.step_out()
        self._tell(user.id, Watch.GONE)
        self._occupy(user.id)  # first: he is free for nobody in between
        self._release(self.call.id)
        line = self.call.channel
        order = TakeOver(by=supervisor, source=supervisor, agent=agent, line=line)
        try:
            await lend(self.call, self.sb, supervisor, user, order)
        except NotPossible as refused:
            log.info("take_over_refused", supervisor=supervisor, reason=str(refused))
            self.call.step(ARI, "not possible", AGENT, str(refused))
            self._tell(user.id, self._now.watch)
            self._occupy(self.call.id)
            self._release(user.id)
        else:
            self._post.forget()
            self._occupy(self.call.id)
            for superseded in (AgentTalks, AgentIsQuiet, TakeOverWanted):
                self.call.take(superseded)
        await self._turn_to(self.sb.watching.talk_of(agent))

    def _occupy(self, contact: str, at: float | None = None) -> None:
        """Whom the distributor knows to be with this contact is offered nothing meanwhile."""
        with suppress(IllegalEvent):  # he is not logged in, or is with it already
            self.sb.desk.post(WorkBegan(self._now.supervisor, contact), at)

    def _release(self, contact: str, at: float | None = None) -> None:
        self.sb.desk.post(TalkEnded(self._now.supervisor, contact, missed=True), at)

    async def _leave(self, at: float | None = None) -> None:
        self.sb.watching.unfollow(self._now.agent, self.call)
        self._tell(self._now.contact, Watch.GONE)
        self._release(self.call.id, at)
        await self._post.close()
