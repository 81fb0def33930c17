"""Brings others to a talk: an agent or a number is rung, answers or is missed."""

from __future__ import annotations

from acd.queues import Destination, DestinationKind
from dialplan.outbound import Way
from engine.calls.errands.calling_agents import phone_of
from engine.calls.errands.dialing import AgentPhone, way_to
from engine.calls.lanes import AGENT, ARI, SIP
from engine.calls.names import is_ours
from engine.calls.outcomes import Missed, missed_call
from engine.calls.queueing.nailed_up import announce
from engine.calls.switchboard import hang_up_quietly
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Party
from engine.calls.talk.live_talk import LiveTalk, release
from engine.calls.talk.orders import NotPossible
from engine.calls.talk.parties import PartyKind, Role
from engine.ports import LegAnswered, LegGone, LegRinging, PbxError

_WHY_NOT = {
    Missed.INVALID: "there is no agent {}",
    Missed.BUSY: "{} is on the phone",
    Missed.UNREACHABLE: "the phone of {} is not registered",
    Missed.BARRED: "{} may not be dialed from here",
}


class Callees:
    """Those whose phones ring for a talk."""

    def __init__(self, talk: LiveTalk) -> None:
        self._talk = talk
        self._rang: set[str] = set()

    async def ring(self, to: Destination, by: Party, role: Role, *, consult: bool) -> None:
        """Ring somebody. Raises ``NotPossible`` when he cannot be rung, and nothing has changed."""
        talk, call = self._talk, self._talk.call
        target = self._find(to)
        leg, bridge = call.new_id("c"), call.new_id("b") if consult else ""
        line = target.line if isinstance(target, AgentPhone) else ""
        if isinstance(target, AgentPhone):
            kind, name, where = PartyKind.AGENT, target.agent, target.extension
            talk.occupy(name, rings=True)  # not logged in: nobody offers him anything
        else:
            kind, name, where = PartyKind.NUMBER, target.number, target.trunk
        call.step(ARI, "dial", AGENT if kind is PartyKind.AGENT else SIP, f"{name} ({where})")
        phone = where if kind is PartyKind.AGENT and not line else ""
        leg, how = line or leg, (role, consult, by.leg, bridge, bool(line), phone)
        await talk.note(t.PartyCalled(call.now(), leg, kind, name, *how))
        try:
            if line:
                await self._bring(name, line)
            else:
                await self._dial(leg, target, by)
        except PbxError as error:
            await self._missed(leg, Missed.UNREACHABLE)
            raise NotPossible(f"{name} cannot be dialed: {error}") from error

    async def _bring(self, agent: str, line: str) -> None:
        """To an agent whose phone is connected."""
        talk = self._talk
        await announce(talk.sb, agent, line, talk.call)
        await talk.answered(talk.conversation.parties[line], talk.sb.desk.moment())

    def _find(self, to: Destination) -> Way | AgentPhone:
        sb, talk = self._talk.sb, self._talk.conversation
        if to.kind is DestinationKind.NUMBER:
            way = way_to(sb, to.name)
            if way is None:
                raise NotPossible(_WHY_NOT[Missed.BARRED].format(to.name))
            return way
        phone = phone_of(sb, to.name, lines=True)
        if isinstance(phone, Missed):
            raise NotPossible(_WHY_NOT[phone].format(to.name))
        if talk.of_agent(phone.agent) is not None:
            raise NotPossible(f"{phone.agent} is in this talk already")
        return phone

    async def _dial(self, leg: str, to: Way | AgentPhone, by: Party) -> None:
        sb, seconds = self._talk.sb, self._seconds
        if isinstance(to, AgentPhone):
            settings = sb.site.agents.get(by.name)
            shows = settings.extension if settings is not None else ""
            await self._talk.await_byes(to.agent)
            await sb.phone_free(to.agent)
            await sb.pbx.dial(leg, to.extension, caller="", shows=shows, ring_seconds=seconds)
        else:
            await sb.pbx.dial_number(
                leg, to.dialed, to.trunk, caller_id=to.caller_id, ring_seconds=seconds
            )

    # -- what becomes of it -------------------------------------------------------------------

    async def hear(self, mail: LegRinging | LegAnswered) -> None:
        """A phone rings, or is up; of one who is wanted no more it is hung up."""
        talk = self._talk
        party = talk.conversation.parties.get(mail.channel)
        if party is None or not party.rings:
            if isinstance(mail, LegAnswered) and party is None:
                await self._hang_up_late(mail.channel)
            return
        source = AGENT if party.agent else SIP
        if isinstance(mail, LegRinging):
            self._rang.add(mail.channel)
            talk.call.step(source, "ringing", ARI, party.name)
            return
        talk.call.step(source, "answer", ARI, party.name)
        await talk.answered(party, talk.sb.desk.moment(mail.at))

    async def _hang_up_late(self, leg: str) -> None:
        """Not a line, which stays connected."""
        if is_ours(leg):
            await hang_up_quietly(self._talk.sb, leg)

    async def gone(self, party: Party, gone: LegGone) -> Missed:
        """The phone that rang is silent: why."""
        why = missed_call(gone.cause, gone.tech_cause, party.leg in self._rang)
        await self._missed(party.leg, why, gone.at)
        return why

    async def _missed(self, leg: str, why: Missed, at: float | None = None) -> None:
        party = self._talk.conversation.parties.get(leg)
        if party is not None:
            self._talk.call.step(AGENT if party.agent else SIP, why, ARI, party.name)
            await self._talk.left(party, why, at)

    # -- their time ---------------------------------------------------------------------------

    @property
    def _seconds(self) -> float:
        """How long each of them rings."""
        return self._talk.queue.transfer_ring_seconds

    def next_deadline(self) -> float | None:
        """When the first of them has rung long enough."""
        ringing = self._talk.conversation.ringing
        return min((party.since + self._seconds for party in ringing), default=None)

    async def on_deadline(self, now: float) -> list[Party]:
        """Who has rung long enough is not there: who that is."""
        late = [p for p in self._talk.conversation.ringing if p.since + self._seconds <= now]
        return await self._give_up(late, Missed.NO_ANSWER)

    async def phone_left(self, phone: str) -> list[Party]:
        """A phone unregistered, and would ring on for nobody: whose that is."""
        ringing = self._talk.conversation.ringing
        there = [party for party in ringing if party.phone == phone]
        return await self._give_up(there, Missed.UNREACHABLE)

    async def _give_up(self, parties: list[Party], why: Missed) -> list[Party]:
        for party in parties:
            await release(self._talk.sb, party)
            await self._missed(party.leg, why)
        return parties
