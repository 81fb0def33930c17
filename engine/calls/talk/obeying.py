"""Carries out what is asked of a talk: an order is refused, or becomes notes that all follows from.

Nothing here waits for people: what takes time (a phone that rings, a recording that closes) comes
back to the talk's story as mail.
"""

from __future__ import annotations

import re
from typing import Final

from acd.queues import Destination, DestinationKind
from dialplan.numbers import normalise
from engine.calls.errands.calling_agents import phone_of
from engine.calls.errands.dialing import way_to
from engine.calls.flows.context import flows_of
from engine.calls.lanes import AGENT, ARI, SIP
from engine.calls.note import Note
from engine.calls.outcomes import Missed
from engine.calls.queueing.nailed_up import line_is
from engine.calls.talk import notes as t
from engine.calls.talk import orders as o
from engine.calls.talk.callees import Callees
from engine.calls.talk.conversation import Consult, Party
from engine.calls.talk.live_talk import Ending, LiveTalk
from engine.calls.talk.orders import NotPossible
from engine.calls.talk.parties import Role, Side
from engine.calls.talk.phone_orders import PHONE
from engine.calls.talk.secure import may_run
from engine.mailbox import of_queue, settings_of
from engine.ports import PbxError

CALLER: Final = "caller"
_KEYS = re.compile(r"[0-9*#A-Da-d]{1,32}")
_RECORDING = (o.StartRecording, o.StopRecording, o.PauseRecording, o.ResumeRecording)


class Obeying:
    """The orders of one talk."""

    def __init__(self, talk: LiveTalk, callees: Callees) -> None:
        self._talk, self._callees = talk, callees

    async def obey(self, order: o.Order) -> str:
        """Carry it out; returns what there is to be told, '' for nothing. Raises ``NotPossible``,
        and nothing has changed."""
        if order.by and not isinstance(order, o.TakeOver | o.PickUp):
            self._check_may(self._by(order), order)
        match order:
            case o.Hold(held=held):
                return await self._hold(self._by(order), held)
            case o.Mute(who=who, muted=muted):
                return await self._mute(self._by(order), who, muted)
            case o.SendKeys(keys=keys, who=who):
                return await self._send_keys(keys, who or CALLER)
            case o.TransferTo(to=to):
                return await self._transfer(self._by(order), to)
            case o.ConsultWith(to=to):
                return await self._consult(self._by(order), to)
            case o.Invite(to=to, role=role):
                return await self._invite(self._by(order), to, role)
            case o.Park(slot=slot):
                by = self._by(order)
                hears = order.source == PHONE and not slot and not by.line
                return await self._park(by, slot, hears=hears)
            case o.Leave():
                return await self._leave(self._by(order))
            case o.HangUp():
                hang_up = Destination(kind=DestinationKind.HANG_UP)
                self._talk.ending = Ending("agent", to=hang_up)
                return ""
            case o.Secure(flow=flow):
                return await self._secure(flow)
            case o.TakeOver():
                return await self._take_over(order)
            case o.PickUp():
                raise NotPossible("he is not parked (any more)")
            case o.Drop(who=who):
                return await self._drop(who)
            case o.GiveRole(who=who, role=role):
                return await self._give_role(self._party(who), role)
            case o.Lock(locked=locked):
                return await self._set(t.TalkLocked(self._now(), locked))
            case o.EndWithLeader(with_leader=with_leader):
                return await self._set(t.EndAgreed(self._now(), with_leader))
            case _ if isinstance(order, _RECORDING):
                return await self._talk.recording.obey(order)
        return await self._about_consult(order)

    async def _about_consult(self, order: o.Order) -> str:
        consult = self._talk.conversation.consult
        if consult is None:
            raise NotPossible("nobody is being consulted")
        match order:
            case o.Swap():
                return await self._swap(consult)
            case o.Merge():
                return await self._merge(consult)
            case o.Complete():
                return await self._complete(consult)
            case o.CancelConsult():
                return await self._cancel(consult)
        raise NotPossible(f"a talk knows no order {type(order).__name__}")

    def _check_may(self, by: Party, order: o.Order) -> None:
        """Who is only consulted, or only listens, moves nobody but himself."""
        consult = self._talk.conversation.consult
        consulted = consult is not None and consult.leg == by.leg
        if not consulted and by.role is not Role.LISTENER:
            return
        own = isinstance(order, o.Leave | o.SendKeys) or (
            isinstance(order, o.Mute) and order.who in ("", by.name) and consulted
        )
        if not own:
            raise NotPossible(f"{by.name} is only {'consulted' if consulted else 'a listener'}")

    def _now(self) -> float:
        return self._talk.call.now()

    # -- who it is about ----------------------------------------------------------------------

    def _by(self, order: o.Order) -> Party:
        """The agent in whose name it is done."""
        conversation = self._talk.conversation
        if order.by:
            party = conversation.of_agent(order.by)
            if party is None or party.rings:
                raise NotPossible(f"{order.by} is not in this talk")
            return party
        owner = conversation.parties.get(conversation.owner)
        if owner is None:
            raise NotPossible("no agent is left in this talk")
        return owner

    def _party(self, who: str) -> Party:
        """By the name of an agent, or a number in whatever spelling."""
        region = self._talk.sb.site.outbound.region
        names = {who, normalise(who, region) or who}
        parties = self._talk.conversation.parties.values()
        found = next((party for party in parties if party.name in names), None)
        if found is None:
            there = ", ".join(party.name for party in parties)
            raise NotPossible(f"{who!r} is not in this talk; in it are: {there}")
        return found

    def _party_of(self, leg: str) -> Party:
        party = self._talk.conversation.parties.get(leg)
        if party is None:
            raise NotPossible("the agent who consults has left")
        return party

    def _leg(self, who: str) -> str:
        return self._talk.call.channel if who == CALLER else self._party(who).leg

    # -- hold, mute, keys ---------------------------------------------------------------------

    async def _hold(self, by: Party, held: bool) -> str:
        conversation = self._talk.conversation
        consult = conversation.consult
        if consult is not None and consult.by == by.leg:
            raise NotPossible("whom you are not with is on hold already: swap")
        if conversation.held is not held:
            self._talk.call.step(AGENT, "hold" if held else "resume", ARI, by.name)
            await self._talk.note(t.CallerHeld(self._now(), held))
        return ""

    async def _mute(self, by: Party, who: str, muted: bool) -> str:
        leg = by.leg if not who else self._leg(who)
        self._talk.call.step(AGENT, "mute" if muted else "unmute", ARI, who or by.name)
        return await self._set(t.Muted(self._now(), leg, muted))

    async def _send_keys(self, keys: str, who: str) -> str:
        if not _KEYS.fullmatch(keys):
            raise NotPossible("keys are 1 to 32 of 0-9, *, #, A-D")
        talk, leg = self._talk, self._leg(who)
        try:
            await talk.sb.pbx.send_keys(leg, keys)
        except PbxError as error:
            raise NotPossible(f"the keys could not be sent: {error}") from error
        talk.call.step(AGENT, "sends keys", SIP, f"{len(keys)} to {who}")
        await talk.seating.disturbed(leg, talk.conversation)
        return ""

    # -- blind: the agent is out at once ------------------------------------------------------

    async def _transfer(self, by: Party, to: Destination) -> str:
        others = [p for p in self._talk.conversation.parties.values() if p.leg != by.leg]
        if others:
            raise NotPossible("others are in this talk: consult or invite, then leave")
        to = self._checked(by, to)
        self._talk.call.step(AGENT, "transfer", ARI, f"to {to.kind} {to.name}".strip())
        self._talk.ending = Ending("agent", to=to)
        return ""

    def _checked(self, by: Party, to: Destination) -> Destination:
        """Refused at once, and not when the agent has gone; an agent by his name."""
        sb, name = self._talk.sb, to.name
        match to.kind:
            case DestinationKind.AGENT:
                phone = phone_of(sb, name, lines=True)
                if isinstance(phone, Missed):
                    raise NotPossible(f"agent {name}: {phone}")
                if phone.agent == by.name:
                    raise NotPossible("that is you")
                return Destination(kind=to.kind, name=phone.agent)
            case DestinationKind.QUEUE if name not in sb.site.queues:
                raise NotPossible(f"there is no queue {name}")
            case DestinationKind.FLOW if name not in flows_of(self._talk.call, sb).flows:
                raise NotPossible(f"there is no flow {name}")
            case DestinationKind.NUMBER if way_to(sb, name) is None:
                raise NotPossible(f"{name} may not be dialed from here")
            case DestinationKind.VOICEMAIL:
                self._check_mailbox(name or of_queue(self._talk.began.queue))
            case DestinationKind.EXIT | DestinationKind.CALLBACK | DestinationKind.PARK:
                raise NotPossible(f"a caller cannot be transferred to {to.kind}")
        return to

    def _check_mailbox(self, mailbox: str) -> None:
        site = self._talk.sb.site
        if settings_of(mailbox, site.agents, site.queues) is None:
            raise NotPossible(f"there is no mailbox {mailbox}")

    async def _park(self, by: Party, slot: str, *, hears: bool) -> str:
        """``hears``: it is said on his phone in which slot, for he has not chosen it."""
        talk = self._talk
        if len(talk.conversation.parties) > 1:
            raise NotPossible("others are in this talk")
        slot = talk.sb.parking.take(slot, talk.call.id)
        talk.call.step(AGENT, "parks", ARI, f"{by.name}: slot {slot}")
        to = Destination(kind=DestinationKind.PARK, name=slot)
        talk.ending = Ending("agent", to=to, hears=by.leg if hears else "")
        return slot

    # -- consult ------------------------------------------------------------------------------

    async def _consult(self, by: Party, to: Destination) -> str:
        if self._talk.conversation.consult is not None:
            raise NotPossible("somebody is being consulted already")
        if to.kind not in (DestinationKind.AGENT, DestinationKind.NUMBER):
            raise NotPossible("an agent or a number can be consulted; transfer to anything else")
        await self._callees.ring(to, by, Role.SPEAKER, consult=True)
        return ""

    async def _swap(self, consult: Consult) -> str:
        if self._party_of(consult.leg).rings:
            raise NotPossible("his phone still rings: cancel, to be with the caller")
        side = Side.CALLER if consult.side is Side.CONSULTED else Side.CONSULTED
        self._talk.call.step(AGENT, "swap", ARI, f"to {side}")
        return await self._set(t.Swapped(self._now(), side))

    async def _merge(self, consult: Consult) -> str:
        if self._party_of(consult.leg).rings:
            raise NotPossible("his phone still rings")
        if self._talk.conversation.locked:
            raise NotPossible("the talk is locked")
        self._talk.call.step(AGENT, "merge", ARI, "all hear each other")
        return await self._set(t.Merged(self._now()))

    async def _complete(self, consult: Consult) -> str:
        by = self._party_of(consult.by)
        self._talk.call.step(AGENT, "completes", ARI, by.name)
        await self._talk.let_go(by, "transferred")
        return ""

    async def _cancel(self, consult: Consult) -> str:
        self._talk.call.step(AGENT, "cancels the consult", ARI)
        await self._talk.let_go(self._party_of(consult.leg), "cancelled")
        return ""

    # -- several ------------------------------------------------------------------------------

    async def _invite(self, by: Party, to: Destination, role: Role) -> str:
        if self._talk.conversation.locked:
            raise NotPossible("the talk is locked")
        if to.kind not in (DestinationKind.AGENT, DestinationKind.NUMBER):
            raise NotPossible("an agent or a number can be invited")
        await self._callees.ring(to, by, role, consult=False)
        return ""

    async def _drop(self, who: str) -> str:
        party = self._party(who)
        if len(self._talk.conversation.parties) == 1:
            raise NotPossible("nobody would be left with the caller: transfer him, or hang up")
        self._talk.call.step(ARI, "drops", AGENT if party.agent else SIP, party.name)
        await self._talk.let_go(party, "dropped")
        return ""

    async def _leave(self, by: Party) -> str:
        """Who consults gives the caller to whom he consults; the last one ends the talk."""
        conversation = self._talk.conversation
        if conversation.ends_with(by):
            self._talk.ending = Ending("agent")
            return ""
        self._talk.call.step(AGENT, "leaves", ARI, by.name)
        await self._talk.let_go(by, "transferred" if conversation.consult else "left")
        return ""

    async def _give_role(self, party: Party, role: Role) -> str:
        if role is Role.LISTENER and party.leg == self._talk.conversation.owner:
            raise NotPossible(f"{party.name} has the contact, and must be heard")
        self._talk.call.step(ARI, "role", AGENT if party.agent else SIP, f"{party.name}: {role}")
        return await self._set(t.RoleGiven(self._now(), party.leg, role))

    async def _take_over(self, order: o.TakeOver) -> str:
        """A supervisor comes on his own line; the agent is out, and whom that one consults."""
        talk, conversation, by = self._talk, self._talk.conversation, order.by
        agent, consult = conversation.of_agent(order.agent), conversation.consult
        if agent is None or agent.leg not in conversation.joined:
            raise NotPossible(f"{order.agent} has no part in this talk that could be taken over")
        if not line_is(talk.sb, by, order.line) or conversation.of_agent(by) is not None:
            raise NotPossible(f"{by} has no line that could take it over")
        talk.call.step(AGENT, "takes over", ARI, by)
        talk.occupy(by, queue=talk.began.queue)
        line, now = order.line, self._now()
        await talk.note(t.PartyJoined(now, line, by), t.HandedOver(now, line))
        if consult is not None and consult.by == agent.leg:
            await talk.let_go(self._party_of(consult.leg), "taken over")
        await talk.let_go(agent, "taken over")
        return ""

    # -- alone with a flow --------------------------------------------------------------------

    async def _secure(self, flow: str) -> str:
        if self._talk.conversation.ringing:  # who answers would be alone until the caller is back
            raise NotPossible("a phone rings for this talk: wait for its answer, or cancel")
        why_not = may_run(flow, flows_of(self._talk.call, self._talk.sb).flows)
        if why_not:
            raise NotPossible(why_not)
        self._talk.call.step(AGENT, "secure step", ARI, flow)
        return await self._set(t.SecureBegan(self._now(), flow))

    async def _set(self, note: Note) -> str:
        await self._talk.note(note)
        return ""
