"""What must hold of a small center when all calls are over, against what really happened."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from acd.messages import AgentState
from engine.call_record import CallRecord, SegmentKind
from engine.calls.entries import CALLBACK, INVITED, MESSAGE, OUTBOUND
from engine.recovery import NOTE, recover
from engine.store.journal import Entry

if TYPE_CHECKING:
    from tests.unit.small_center import SmallCenter


_DIALED = (CALLBACK, OUTBOUND, MESSAGE, INVITED)
_ANSWERED = (SegmentKind.TALK, SegmentKind.CONSULT, SegmentKind.CONFERENCE, SegmentKind.HOLD)


class Truth:
    """Checks everything that must hold when all calls are over, against what really happened."""

    def __init__(
        self,
        center: SmallCenter,
        slack: float = 0.05,
        away: float = 0.0,
        strays_allowed: bool = False,
    ) -> None:
        """``slack``: by how many seconds an end may be off; ``away``: for how long no engine was
        there to hear an answer; ``strays_allowed``: the audit may have had to clean up."""
        self.strays_allowed = strays_allowed
        self.center, self.slack, self.away = center, slack, away
        self.switch, self.books = center.switch, center.books

    def check(self) -> None:
        """All of it."""
        self.nothing_left()
        self.agents_are_free()
        self.days_tile()
        for call in {entry["data"]["call"] for entry in self._notes()}:
            self.record_is_right(self.books.of(call))
            self.record_is_the_fold(call)

    def nothing_left(self) -> None:
        """Neither in the switch nor in the engine."""
        center = self.center
        assert self.switch.leftovers() == []
        assert center.registry.calls == {}
        assert center.desk._waiting == {}
        assert center.switchboard.strays == set()
        assert self.strays_allowed or center.strays_found == set(), "found by the audit alone"
        stories = [t.get_name() for t in asyncio.all_tasks() if t.get_name().startswith("call ")]
        assert stories == []

    def agents_are_free(self) -> None:
        """Nobody waits, nobody rings, nobody talks or wraps up."""
        queues = self.center.desk.acd.queues(self.center.clock.now())
        assert [queue.waiting for queue in queues if queue.waiting] == []
        busy = (AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP)
        views = self.center.desk.acd.agents()
        assert [view for view in views if view.state in busy or view.contact] == []

    def days_tile(self) -> None:
        """Each agent's stretches follow each other without gap or overlap."""
        for agent in self.center.site.agents:
            stretches = sorted(
                {each for each in self.books.stretches if each.agent == agent},
                key=lambda each: (each.started, each.ended),
            )
            for before, after in pairwise(stretches):
                assert before.ended == after.started, (before, after)

    def record_is_right(self, record: CallRecord) -> None:
        """Times tile, every offer is closed once, wrap-up begins where the talk ended."""
        at = record.arrived
        for segment in record.segments:
            assert segment.started == at < segment.ended, (segment, at)
            at = segment.ended
        assert at == record.ended
        names = [offer.offer for offer in record.offers]
        assert len(names) == len(set(names))
        for stay in (*record.visits, *record.offers):
            began = getattr(stay, "entered", None) or getattr(stay, "offered", 0.0)
            ended = getattr(stay, "left", None) or getattr(stay, "ended", 0.0)
            assert record.arrived - 1e-6 <= began <= ended <= record.ended, stay
        taken = [offer.outcome for offer in record.offers].count("answered")
        answered = sum(visit.outcome == "answered" for visit in record.visits)
        in_vain = record.direction in _DIALED  # an agent took it, and the customer was not reached
        assert taken >= answered if in_vain else taken == answered
        self._talks_are_right(record)
        self._ends_as_it_did(record)

    def _talks_are_right(self, record: CallRecord) -> None:
        held = [s for s in record.segments if s.kind in (SegmentKind.TALK, SegmentKind.HOLD)]
        talks = [o for o in record.offers if o.outcome == "answered"]
        wrap_ups = {segment for call, segment in self.books.wrap_ups if call == record.call}
        picked_up = [o for o in record.offers if self.switch.answer_of(o.offer) is not None]
        offered = {offer.offer for offer in record.offers}
        brought = {p.leg for p in record.parties if p.kind in _ANSWERED} - offered
        assert len(wrap_ups) <= len(picked_up) + len(brought), "more wrap-ups than answers"
        if held and any(wrap_up.agent == record.agent for wrap_up in wrap_ups):
            assert held[-1].ended in {wrap_up.started for wrap_up in wrap_ups}
        for offer in talks:
            answered = self.switch.answer_of(offer.offer)
            assert answered is not None
            assert -self.slack <= offer.ended - answered <= self.slack + self.away, offer

    def _ends_as_it_did(self, record: CallRecord) -> None:
        if record.direction in _DIALED:
            return  # it has no channel of its own
        gone = self.switch.end_of(record.call)
        assert gone is not None
        if not record.estimated_end and record.ended_by != "agent":
            assert abs(record.ended - gone.at) <= self.slack, (record.ended, gone)

    def _notes(self) -> list[dict[str, Any]]:
        entries = [json.loads(line) for line in self.center.journal.history]
        return [entry for entry in entries if entry["kind"] == NOTE]

    def record_is_the_fold(self, call: str) -> None:
        """The notes in the journal alone make the same record."""
        lines = [json.loads(line) for line in self.center.journal.history]
        mine = [Entry(**e) for e in lines if e["kind"] == NOTE and e["data"]["call"] == call]
        assert recover(mine).calls[call].record() == self.books.of(call)
