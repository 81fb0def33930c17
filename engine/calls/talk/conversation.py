"""Who is in a talk now, and where each of them has to be. Pure.

A ``Conversation`` is folded from the notes of its talk, so it is the same after a crash. ``seats``
says where everybody belongs at this moment: in which bridge, with music or without, heard by the
others or not. Whatever happens, an order, a hang-up, a crash, is one more note, and then what the
switch does not yet do of ``seats``. ``spends`` says what each stretch of time is, and whose.

There are two bridges. The caller never leaves the *talk's*, where the recording is; an agent who
consults somebody meets him in a second one, and goes to and fro between the two (``side``). Three
things make music: the caller is *held* by an agent, everybody else is *away*, or who is left with
one has put his own phone on hold. Who hears music is heard by nobody.

An agent who leaves gives the contact to the agent who is longest with it, a speaker from then on; a
talk of which only people outside are left goes on without an agent. One whom an agent consulted
before he hung up is with the caller from then on (a transfer), also while his phone still rings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from engine.call_record import PartyStretch, SegmentKind
from engine.calls.note import Note
from engine.calls.talk import notes as t
from engine.calls.talk.parties import PartyKind, Role, Side, Watch


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody beside the caller. ``line``: his channel belongs to a call of its own, and is not
    hung up when he leaves."""

    leg: str
    kind: PartyKind
    name: str
    since: float
    role: Role = Role.SPEAKER
    rings: bool = False
    line: bool = False
    muted: bool = False
    held: bool = False
    """His own phone is on hold."""
    phone: str = ""
    """The extension at which this agent was rung, '' for one on a line."""

    @property
    def agent(self) -> str:
        """His name, '' for somebody outside."""
        return self.name if self.kind is PartyKind.AGENT else ""


@dataclass(frozen=True, slots=True)
class Consult:
    """An agent (``by``, a leg) consults somebody (``leg``) in a bridge of their own."""

    leg: str
    by: str
    bridge: str
    side: Side = Side.CONSULTED


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody belongs. ``silent``: what he says goes nowhere. ``rings``: he hears it ring.

    ``bridge`` is '' for a caller who is alone with a flow, and for an agent while the phone of whom
    he consults rings: they are in none.
    """

    bridge: str
    music: bool = False
    silent: bool = False
    rings: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What a stretch of time is, and of which agent ('' for none)."""

    kind: SegmentKind
    agent: str = ""


@dataclass(slots=True)
class Conversation:
    """One talk: ``caller`` is his channel, ``owner`` the leg of the agent who has the contact ('':
    only people outside are left)."""

    caller: str
    bridge: str
    owner: str
    parties: dict[str, Party] = field(default_factory=dict)
    consult: Consult | None = None
    held: bool = False
    muted: bool = False
    """The caller, by an order."""
    phone_held: bool = False
    """The caller's own phone."""
    secure: str = ""
    """The flow that the caller is alone with."""
    locked: bool = False
    ends_with_leader: bool = False
    watched: dict[str, Watch] = field(default_factory=dict)
    """The supervisors who are in it."""
    stretches: list[PartyStretch] = field(default_factory=list)
    """What is over of everybody's stay, his stretches without a gap."""
    _open: dict[str, tuple[float, Party, SegmentKind]] = field(default_factory=dict)

    @classmethod
    def begun(
        cls, caller: str, bridge: str, agent: Party, *, phone_held: bool = False
    ) -> Conversation:
        """A caller and the agent who has just answered."""
        talk = cls(caller, bridge, agent.leg, {agent.leg: agent}, phone_held=phone_held)
        talk._cut(agent.since)
        return talk

    # -- who is there -------------------------------------------------------------------------

    @property
    def present(self) -> list[Party]:
        """Those who are with the caller, or would be if nobody were held: not who is consulted, and
        not the agent who is with him just now."""
        return [p for p in self.parties.values() if not p.rings and not self._is_away(p.leg)]

    @property
    def joined(self) -> frozenset[str]:
        """The legs of those who are in the caller's talk, or only away from it to consult."""
        consulted = self.consult.leg if self.consult is not None else ""
        there = (party for party in self.parties.values() if not party.rings)
        return frozenset(party.leg for party in there if party.leg != consulted)

    @property
    def ringing(self) -> list[Party]:
        """Those whose phones ring."""
        return [party for party in self.parties.values() if party.rings]

    @property
    def is_over(self) -> bool:
        """Whether nobody is left, and nobody is being reached, for the caller."""
        return not self.parties

    @property
    def agent(self) -> str:
        """Whose contact it is, '' when only people outside are left."""
        owner = self.parties.get(self.owner)
        return owner.agent if owner is not None else ""

    def ends_with(self, party: Party) -> bool:
        """Whether it is over for all when he leaves: he is the last one; or, where that was agreed,
        a leader, or who has the contact when nobody is."""
        if len(self.parties) == 1 or not self.ends_with_leader:
            return len(self.parties) == 1
        led = any(each.role is Role.LEADER for each in self.parties.values())
        return party.role is Role.LEADER if led else party.leg == self.owner

    def of_agent(self, name: str) -> Party | None:
        """The agent of this name in it."""
        return next((p for p in self.parties.values() if p.agent == name), None)

    def phone_holds(self, leg: str) -> bool | None:
        """Whether this phone has its call on hold; None of somebody who is not in it."""
        if leg == self.caller:
            return self.phone_held
        party = self.parties.get(leg)
        return party.held if party is not None else None

    def _is_away(self, leg: str) -> bool:
        consult = self.consult
        if consult is None:
            return False
        return leg == consult.leg or (leg == consult.by and consult.side is Side.CONSULTED)

    # -- what happens -------------------------------------------------------------------------

    def take(self, note: Note, at: float) -> None:
        """One more thing happened, ``at`` a time that never runs backwards."""
        match note:
            case t.PartyCalled():
                who = note.leg, note.kind, note.name
                party = Party(*who, at, note.role, rings=True, line=note.line, phone=note.phone)
                self.parties[note.leg] = party
                if note.consult:
                    self.consult = Consult(note.leg, note.by, note.bridge)
            case t.PartyAnswered() if note.leg in self.parties:
                self._change(note.leg, rings=False)
            case t.PartyJoined():
                party = Party(note.leg, PartyKind.AGENT, note.name, at, line=True)
                self.parties[note.leg] = party
            case t.PartyLeft():
                self._leave(note.leg)
            case t.Merged():
                self.consult, self.held = None, False
            case t.Swapped() if self.consult is not None:
                self.consult = replace(self.consult, side=note.side)
                self.held = self.held and note.side is not Side.CALLER  # whom he wants to talk with
            case t.CallerHeld():
                self.held = note.held
            case t.PhoneHeld() if note.leg == self.caller:
                self.phone_held = note.held
            case t.PhoneHeld():
                self._change(note.leg, held=note.held)
            case t.Muted() if note.leg == self.caller:
                self.muted = note.muted
            case t.Muted():
                self._change(note.leg, muted=note.muted)
            case t.RoleGiven():
                self._change(note.leg, role=note.role)
            case t.TalkLocked():
                self.locked = note.locked
            case t.EndAgreed():
                self.ends_with_leader = note.with_leader
            case t.HandedOver() if note.leg in self.parties:
                self.owner = note.leg
                self._free_caller()
            case t.SecureBegan():
                self.secure = note.flow
            case t.SecureEnded():
                self.secure = ""
            case t.Watched(supervisor=who, watch=Watch.GONE):
                self.watched.pop(who, None)
            case t.Watched(supervisor=who, watch=watch):
                self.watched[who] = watch
        self._find_owner()
        self._cut(at)

    def close(self, at: float) -> None:
        """It is over for everybody."""
        self.parties.clear()
        self.consult = None
        self._cut(at)

    def _change(self, leg: str, **changed: object) -> None:
        party = self.parties.get(leg)
        if party is not None:
            self.parties[leg] = replace(party, **changed)  # type: ignore[arg-type]  # its fields

    def _leave(self, leg: str) -> None:
        self.parties.pop(leg, None)
        consult = self.consult
        if consult is not None and leg in (consult.leg, consult.by):
            self.consult = None
        if leg == self.owner:
            self._free_caller()

    def _free_caller(self) -> None:
        """Another one has the contact, who has neither held nor muted him."""
        self.held = self.muted = False

    def _find_owner(self) -> None:
        if self.agent:
            return
        agents = (p for p in self.parties.values() if p.agent and not p.rings)
        self.owner = next((party.leg for party in agents if not self._is_away(party.leg)), "")
        if self.agent and self.parties[self.owner].role is Role.LISTENER:
            self._change(self.owner, role=Role.SPEAKER)

    # -- where everybody belongs --------------------------------------------------------------

    def seats(self) -> dict[str, Seat]:
        """By leg, of everybody whose phone is answered; the caller first."""
        seats = {self.caller: self._callers_seat()}
        for party in self.parties.values():
            if not party.rings:
                consulting = self._is_away(party.leg) or self._waits_for_his_agent(party.leg)
                seats[party.leg] = (
                    self._seat_in_consult(party) if consulting else self._seat_in_talk(party)
                )
        return seats

    def _callers_seat(self) -> Seat:
        if self.secure:
            return Seat("")
        music = not self.phone_held and (self.held or self._are_absent(self.present))
        return Seat(self.bridge, music, silent=music or self.muted)

    def _seat_in_talk(self, party: Party) -> Seat:
        others = [other for other in self.present if other.leg != party.leg]
        caller_away = bool(self.secure) or self.phone_held
        music = not party.held and caller_away and self._are_absent(others)
        alone = self.held and not others
        deaf = party.muted or party.role is Role.LISTENER
        return Seat(self.bridge, music, silent=music or alone or deaf)

    def _waits_for_his_agent(self, leg: str) -> bool:
        return self.consult is not None and leg == self.consult.leg

    def _seat_in_consult(self, party: Party) -> Seat:
        consult = self.consult
        assert consult is not None
        if party.leg == consult.by:
            if self.parties[consult.leg].rings:
                return Seat("", rings=True)
            return Seat(consult.bridge, silent=party.muted)
        by = self.parties.get(consult.by)
        left = consult.side is Side.CALLER or (by is not None and by.held)
        music = left and not party.held
        return Seat(consult.bridge, music, silent=music or party.muted)

    @staticmethod
    def _are_absent(others: list[Party]) -> bool:
        """Whether there is nobody to hear: all have put their phones on hold, or are away."""
        return all(other.held for other in others)

    # -- what its time is ---------------------------------------------------------------------

    def spends(self) -> Spent:
        """What the caller's time is now."""
        seat, others = self._callers_seat(), self.present
        if self.secure:
            return Spent(SegmentKind.IVR, self.agent)
        if not others and not self.agent:
            return Spent(SegmentKind.DIALING, next((p.agent for p in self.ringing if p.agent), ""))
        if seat.music or self.phone_held:
            return Spent(SegmentKind.HOLD, self.agent)
        if len(others) > 1:
            return Spent(SegmentKind.CONFERENCE, self.agent)
        if self.agent:
            return Spent(SegmentKind.TALK, self.agent)
        return Spent(SegmentKind.FORWARDED)

    def party_spends(self, party: Party) -> SegmentKind:
        """What the time of somebody in it is now."""
        if party.rings:
            return SegmentKind.RING if party.agent else SegmentKind.DIALING
        consult = self.consult
        if consult is not None and party.leg in (consult.leg, consult.by):
            if party.leg == consult.leg and consult.side is Side.CALLER:
                return SegmentKind.HOLD
            if consult.side is Side.CONSULTED:
                return SegmentKind.CONSULT
        others = [other for other in self.present if other.leg != party.leg]
        if party.held or (not others and (self.held or self.phone_held or self.secure)):
            return SegmentKind.HOLD
        return SegmentKind.CONFERENCE if others else SegmentKind.TALK

    def _cut(self, at: float) -> None:
        """Close the stretches that are others now."""
        now = {leg: (party, self.party_spends(party)) for leg, party in self.parties.items()}
        for leg, (since, party, kind) in list(self._open.items()):
            if leg in now and now[leg][1] is kind:
                continue
            del self._open[leg]
            if at > since:
                stretch = PartyStretch(leg, party.kind, party.name, kind, since, at)
                self.stretches.append(stretch)
        for leg, (party, kind) in now.items():
            self._open.setdefault(leg, (at, party, kind))

    def bridges(self) -> Iterator[str]:
        """Those that are in use."""
        yield self.bridge
        if self.consult is not None:
            yield self.consult.bridge
