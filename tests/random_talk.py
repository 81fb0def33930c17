"""Talks that go anywhere: of all that may happen next in a talk, dice choose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from acd.messages import Why
from acd.queues import Destination, DestinationKind
from engine.calls import notes as n
from engine.calls.note import Note
from engine.calls.record import Standing
from engine.calls.talk import notes as t
from engine.calls.talk.conversation import Conversation
from engine.calls.talk.parties import PartyKind, Role, Side, Watch

CALL, BRIDGE, ASIDE = "c-1", "c-1-b1", "c-1-b2"
AGENTS = ("mai", "an", "binh", "chi")
NUMBER = "+84281234567"
WHY = Why("longest_idle", 0.0, "", ())
SALES = Destination(kind=DestinationKind.QUEUE, name="sales")


def before_the_talk(at: float) -> list[Note]:
    """A caller waits in a queue, and an agent is on the line a moment later."""
    return [
        n.Arrived(at, CALL, "inbound", "1900", "0901"),
        n.VisitBegan(at + 1, "support", at, 0.0, (), "", "0901"),
        n.OfferBegan(at + 2, f"{CALL}-a1", "support", "mai", "3001", WHY),
        n.TalkBegan(at + 5, f"{CALL}-a1", "mai", "support", BRIDGE),
    ]


def a_talk(at: float, dice: Iterable[tuple[int, float]]) -> Iterator[Note]:
    """The notes of a whole call; each die is a choice, and the seconds until it is made."""
    standing = Standing(CALL)
    for note in before_the_talk(at):
        standing.take(note)
        yield note
    for number, (die, seconds) in enumerate(dice):
        at = standing.last + seconds
        talk = standing.conversation
        if talk is None or talk.is_over:
            break
        possible = list(what_may_happen(talk, f"{CALL}-c{number}", at))
        note = possible[die % len(possible)]
        standing.take(note)
        yield note
    if standing.conversation is not None:
        yield n.TalkEnded(standing.last + 1, "caller")
    yield n.Ended(standing.last + 2, "caller", 16)


def what_may_happen(talk: Conversation, leg: str, at: float) -> Iterator[Note]:
    """Everything that can come next; who comes, comes as ``leg``."""
    yield from _who_comes(talk, leg, at)
    for party in talk.parties.values():
        yield t.PartyLeft(at, party.leg, "hung_up")
        if party.rings:
            yield t.PartyAnswered(at, party.leg)
            continue
        yield t.PhoneHeld(at, party.leg, not party.held)
        yield t.Muted(at, party.leg, not party.muted)
        yield t.RoleGiven(at, party.leg, Role.LISTENER)
        if party.agent:
            yield t.HandedOver(at, party.leg)
    yield t.PhoneHeld(at, talk.caller, not talk.phone_held)
    yield t.SecureEnded(at, "done") if talk.secure else t.SecureBegan(at, "card")
    yield t.Watched(at, "boss", Watch.GONE if talk.watched else Watch.LISTEN, talk.agent)
    yield from _what_the_owner_does(talk, at)


def _who_comes(talk: Conversation, leg: str, at: float) -> Iterator[Note]:
    free = next((name for name in AGENTS if talk.of_agent(name) is None), None)
    for kind, name in ((PartyKind.AGENT, free), (PartyKind.NUMBER, NUMBER)):
        if name is None:
            continue
        yield t.PartyCalled(at, leg, kind, name)
        if talk.consult is None and talk.agent:
            yield t.PartyCalled(at, leg, kind, name, consult=True, by=talk.owner, bridge=ASIDE)
    if free is not None:
        yield t.PartyJoined(at, leg, free)


def _what_the_owner_does(talk: Conversation, at: float) -> Iterator[Note]:
    consult = talk.consult
    if consult is None:
        yield t.CallerHeld(at, not talk.held)
    elif consult.leg in talk.parties and not talk.parties[consult.leg].rings:
        yield t.Merged(at)
        yield t.Swapped(at, Side.CALLER if consult.side is Side.CONSULTED else Side.CONSULTED)
    if len(talk.parties) == 1 and talk.agent:
        yield n.TalkEnded(at, "agent", SALES)
