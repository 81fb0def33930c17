"""One caller inside one flow: inputs and ``now`` in, actions out.

The rules of keys, timers and prompts are VoiceXML 2.0's (sections 4.1.5, 4.1.8, 5.2.2, 5.3.6 and
appendix D), in plain words in ``ivr_flows/README.md``. At any moment before the end the call is in
exactly one of three places:

- *playing*: a play is under way. A key stops it if it may be barged into, else the key is dropped.
- *listening* (menu, gather): a timer runs, first-input, inter-digit or terminator.
- *queued*: keys are dropped, and only ``QueueLeft`` goes on.

A timer that ran out before an input's ``now`` is settled before that input, as of its own time: the
clock decides what came first, not which of the two the driver happened to notice first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.ivr.matching import Fit, Stretch, fit, stretches
from engine.ivr.messages import (
    Action,
    Digit,
    End,
    Enqueue,
    Entered,
    Fault,
    Heard,
    HungUp,
    Input,
    NotPlayed,
    Play,
    PlayEnded,
    QueueLeft,
    StopPlay,
)
from engine.ivr.schema import (
    Exit,
    Flow,
    Gather,
    Hangup,
    Hours,
    Menu,
    Node,
    Part,
    Queue,
    Say,
    SetLanguage,
)

MAX_VISITS_PER_NODE = 20
MAX_VISITS_PER_CALL = 200
MAX_NODES_AT_ONCE = 50  # passed in one instant: without media, input or waiting

MENU_TERMINATOR = "#"  # ends a choice that could be longer, unless it is itself part of a choice


@dataclass(frozen=True, slots=True)
class Context:
    """What a flow may know of its call.

    ``hours(calendar, now)`` says 'open', 'holiday' or 'closed'. ``language`` is the route's, ''
    for the flow's own.
    """

    language: str
    caller: str
    called: str
    hours: Callable[[str, float], str]


class Interpreter:
    """One call in one flow.

    Call ``start`` once, then ``handle`` for each input and ``on_deadline`` when ``next_deadline``
    has come; perform the actions in order. Nothing comes after ``End``, ``Fault`` or a hang-up.

    To go on after a crash give ``at``, ``language`` and ``variables`` as they were: the node is
    entered afresh, with new counters. ``at`` a node that the flow no longer has: from the start.
    """

    def __init__(
        self,
        flow: Flow,
        context: Context,
        *,
        at: str | None = None,
        language: str | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.flow = flow
        self.node = at if at is not None and at in flow.nodes else flow.start
        self.language = language or context.language or flow.language
        self.variables = dict(variables or {})
        self.secrets: dict[str, str] = {}  # as variables, but never to be written anywhere
        self.ended = False
        self._hours = context.hours
        self._actions: list[Action] = []
        self._pending: list[Stretch] = []
        self._playing: Play | None = None
        self._interruptible = True
        self._plays = 0
        self._ahead = ""  # typed before the node that will use it
        self._typed = ""
        self._deadline: float | None = None
        self._failures: Counter[str] = Counter()
        self._visits: Counter[str] = Counter()
        self._late_terminator: tuple[str, float] | None = None
        self._out_of_hours = False

    # -- the driver's side ------------------------------------------------------------------

    def start(self, now: float) -> list[Action]:
        """Enter the first node, or the one to resume at."""
        self._walk(Exit("", (), self.node), now)
        return self._take_actions()

    def handle(self, event: Input, now: float) -> list[Action]:
        """Take one input; what means nothing here (a stale play, a key in a queue) is ignored."""
        if isinstance(event, HungUp):
            self._finish()
            return []
        while self._deadline is not None and self._deadline < now:
            self._time_out(self._deadline)
        if not self.ended:
            self._receive(event, now)
        return self._take_actions()

    def on_deadline(self, now: float) -> list[Action]:
        """Settle the timers that have run out by ``now``; too early is harmless."""
        while self._deadline is not None and self._deadline <= now:
            self._time_out(self._deadline)
        return self._take_actions()

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called; None while playing, queued or over."""
        return self._deadline

    @property
    def outcome(self) -> str | None:
        """What the record should say if the caller left now: 'out_of_hours' in a closed branch."""
        return "out_of_hours" if self._out_of_hours else None

    def _take_actions(self) -> list[Action]:
        actions, self._actions = self._actions, []
        return actions

    # -- from node to node ------------------------------------------------------------------

    def _walk(self, way: Exit | None, now: float) -> None:
        """Follow exits until a node waits: for a play, a key, or the queue."""
        passed = 0
        while way is not None:
            passed += 1
            problem = self._obstacle(way, passed)
            if problem:
                self._fault(problem)
                return
            way = self._enter(way, now)

    def _obstacle(self, way: Exit, passed: int) -> str | None:
        """Why this exit cannot be taken, or None."""
        if way.target is None:
            return f"node {self.node}: exit {way.name} leads nowhere"
        if way.target not in self.flow.nodes:
            return f"node {self.node}: exit {way.name} leads to {way.target}, which does not exist"
        if passed > MAX_NODES_AT_ONCE:
            return f"runaway: {MAX_NODES_AT_ONCE} nodes at once, without media or input"
        if self._visits[way.target] >= MAX_VISITS_PER_NODE:
            return f"runaway: node {way.target} entered more than {MAX_VISITS_PER_NODE} times"
        if self._visits.total() >= MAX_VISITS_PER_CALL:
            return f"runaway: more than {MAX_VISITS_PER_CALL} nodes in one call"
        return None

    def _enter(self, way: Exit, now: float) -> Exit | None:
        """Come to a node from outside; the exit to leave by at once, or None to wait."""
        assert way.target is not None  # _obstacle
        self.node = way.target
        self._visits[self.node] += 1
        self._failures.clear()
        node = self.flow.nodes[self.node]
        self._actions.append(Entered(self.node, node.type, way.name))
        return self._begin(node, now)

    def _begin(self, node: Node, now: float) -> Exit | None:
        match node:
            case Say() | Menu() | Gather():
                return self._speak(node.prompts, node.barge_in, now)
            case Hangup():
                return self._speak(node.prompts, False, now)
            case SetLanguage():
                self.language = node.language
                return node.exit("next")
            case Hours():
                return self._ask_calendar(node, now)
            case Queue():
                self._ahead = ""
                self._out_of_hours = False
                self._actions.append(self._enqueue(node))
                return None

    def _ask_calendar(self, node: Hours, now: float) -> Exit:
        """Anything but open counts as closed."""
        state = self._hours(node.calendar, now)
        self._out_of_hours = state != "open"
        if state == "holiday" and node.holiday is not None:
            return node.exit("holiday")
        return node.exit("open" if state == "open" else "closed")

    def _enqueue(self, node: Queue) -> Enqueue:
        variable = node.owner.removeprefix("$")
        owner = node.owner if variable == node.owner else self.variables.get(variable, "")
        return Enqueue(node.queue, node.needs, node.priority_seconds, owner)

    def _leave_queue(self, node: Queue, reason: str) -> Exit | None:
        way = node.left_by(reason)
        if way is None:
            self._end(None)
        return way

    def _end(self, outcome: str | None) -> None:
        self._actions.append(End(outcome))
        self._finish()

    def _fault(self, text: str) -> None:
        self._actions.append(Fault(text))
        self._finish()

    def _finish(self) -> None:
        self.ended = True
        self._deadline = None
        self._playing = None

    # -- inputs -----------------------------------------------------------------------------

    def _receive(self, event: Digit | PlayEnded | QueueLeft, now: float) -> None:
        node = self.flow.nodes[self.node]
        match event:
            case Digit(key) if not self._is_late_terminator(key, now):
                self._walk(self._hear(key, now), now)
            case PlayEnded(play, ok) if self._playing is not None and self._playing.play == play:
                if not ok:
                    self._actions.append(NotPlayed(self._playing.prompts))
                self._playing = None
                self._walk(self._speak_on(now), now)
            case QueueLeft(reason) if isinstance(node, Queue):
                self._walk(self._leave_queue(node, reason), now)

    def _hear(self, key: str, now: float) -> Exit | None:
        """A key: cuts what may be cut, then belongs to the first node that listens."""
        if self._playing is not None:
            if not self._interruptible:
                return None
            self._actions.append(StopPlay(self._playing.play))
            self._playing = None
            self._pending = []  # also what may not be barged into (VoiceXML 2.0, 4.1.5.1)
            self._ahead = key
            return self._spoken(now)
        node = self.flow.nodes[self.node]
        return self._press(node, key, now) if isinstance(node, Menu | Gather) else None

    def _is_late_terminator(self, key: str, now: float) -> bool:
        """Whether this is the ``#`` of a number that was already complete without it."""
        late, self._late_terminator = self._late_terminator, None
        return late is not None and key in late[0] and now <= late[1]

    # -- speaking ---------------------------------------------------------------------------

    def _speak(self, parts: tuple[Part, ...], barge_in: bool, now: float) -> Exit | None:
        self._pending = stretches(parts, self.language, barge_in)
        return self._speak_on(now)

    def _speak_on(self, now: float) -> Exit | None:
        """Play the next stretch; after the last, or for a key typed ahead, do the node's work."""
        if self._pending and not (self._ahead and self._pending[0].barge_in):
            self._play(self._pending.pop(0))
            return None
        self._pending = []
        return self._spoken(now)

    def _play(self, stretch: Stretch) -> None:
        if not stretch.barge_in:
            self._ahead = ""
        self._interruptible = stretch.barge_in
        fallback = tuple(tag for tag in self.flow.languages() if tag != stretch.language)
        self._plays += 1
        self._playing = Play(self._plays, stretch.prompts, stretch.language, fallback)
        self._actions.append(self._playing)

    def _spoken(self, now: float) -> Exit | None:
        """All is said that this node says now."""
        node = self.flow.nodes[self.node]
        match node:
            case Menu() | Gather():
                return self._listen(node, now)
            case Hangup():
                self._end(node.outcome or self.outcome)
                return None
            case _:
                return node.exit("next")

    # -- listening --------------------------------------------------------------------------

    def _listen(self, node: Menu | Gather, now: float) -> Exit | None:
        """Start the first-input timer, or take the key typed ahead."""
        self._typed = ""
        self._deadline = now + node.timeout_seconds
        key, self._ahead = self._ahead, ""
        return self._press(node, key, now) if key else None

    def _press(self, node: Menu | Gather, key: str, now: float) -> Exit | None:
        if self._ends(node, key):
            return self._conclude(node, now)
        if self._typed and fit(node, self._typed) is Fit.FULL:
            self._ahead = key  # only the terminator was awaited: this key is for the next node
            return self._accept(node)
        self._typed += key
        match fit(node, self._typed):
            case Fit.WRONG:
                return self._fail(node, node.WRONG, now)
            case Fit.FULL if isinstance(node, Gather) and node.terminator_seconds:
                self._deadline = now + node.terminator_seconds
            case Fit.FULL:
                self._expect_late_terminator(node, now)
                return self._accept(node)
            case Fit.SHORT | Fit.ENOUGH:
                self._deadline = now + node.inter_digit_seconds
        return None

    def _ends(self, node: Menu | Gather, key: str) -> bool:
        """Whether the key is a terminator here: it ends the input and is no part of it."""
        if isinstance(node, Gather):
            return key in node.terminator
        return (
            key == MENU_TERMINATOR
            and self._typed in node.keys
            and fit(node, self._typed + key) is Fit.WRONG
        )

    def _time_out(self, at: float) -> None:
        """The timer of a listening node has run out."""
        node = self.flow.nodes[self.node]
        assert isinstance(node, Menu | Gather)  # no other node starts one
        if self._typed:
            self._expect_late_terminator(node, at)
        self._walk(self._conclude(node, at), at)

    def _expect_late_terminator(self, node: Menu | Gather, now: float) -> None:
        """Callers press ``#`` out of habit; it must not become a choice in the next node."""
        if isinstance(node, Gather) and node.terminator:
            self._late_terminator = (node.terminator, now + node.inter_digit_seconds)

    def _conclude(self, node: Menu | Gather, now: float) -> Exit | None:
        """No further key will come to what was typed."""
        if not self._typed:
            return self._fail(node, "noinput", now)
        if fit(node, self._typed) in (Fit.ENOUGH, Fit.FULL):
            return self._accept(node)
        return self._fail(node, node.WRONG, now)

    def _accept(self, node: Menu | Gather) -> Exit:
        self._report(node, "ok")
        self._deadline = None
        if isinstance(node, Menu):
            return node.exit(self._typed)
        (self.secrets if node.secret else self.variables)[node.variable] = self._typed
        return node.exit("ok")

    def _fail(self, node: Menu | Gather, kind: str, now: float) -> Exit | None:
        """Count a failure: another attempt with its message, or out by the exit of this kind."""
        self._report(node, kind)
        self._deadline = None
        self._ahead = self._typed = ""
        self._failures[kind] += 1
        if self._failures.total() >= node.attempts:
            return node.exit(kind)
        again = node.prompts if node.again is None else node.again
        message = node.message(kind, self._failures[kind])
        return self._speak(message + again, node.barge_in, now)

    def _report(self, node: Menu | Gather, result: str) -> None:
        secret = isinstance(node, Gather) and node.secret
        self._actions.append(Heard("•" * len(self._typed) if secret else self._typed, result))
