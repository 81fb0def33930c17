"""One call in a flow, without a phone and without waiting: the clock jumps to what comes next.

The caller does something (``press``, ``say``, ``wait``, ``hang_up``); between that, ``until`` and
``rest`` let happen what happens by itself: prompts end, lookups are answered, queues let go. What
happened is in ``transcript``. Everything is decided by what was given, so the same steps lead to
the same transcript.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection
from dataclasses import replace

from engine.ivr import messages as ivr
from engine.ivr.context import Context
from engine.ivr.flowset import FlowSet
from engine.ivr.interpreter import Interpreter
from engine.ivr.rehearsal.secrets import Masks
from engine.ivr.rehearsal.spoken_words import nearest
from engine.ivr.rehearsal.transcript import (
    ComesBack,
    Ends,
    Event,
    GoesTo,
    Hears,
    Line,
    Noted,
    Presses,
    Remark,
    Says,
    noted,
)
from engine.ivr.rehearsal.visits import Visits
from engine.ivr.rehearsal.voice import Voice
from engine.ivr.rehearsal.world import ANSWERED, UNTOLD, Draw, World, became, place_of

MOST_SECONDS = 2 * 3600.0
MOST_EVENTS = 5000
KEY_GAP = 0.3  # seconds between two keys, as people press them
SURE = 0.95  # how confident a recogniser is that heard well


class Endless(Exception):
    """The call goes on and on by itself: two hours, or thousands of events."""


class Rehearsal:
    """One call in one flow; ``at`` is when it begins, in seconds since the epoch."""

    def __init__(
        self, flows: FlowSet, flow: str, context: Context, world: World, voice: Voice, at: float
    ) -> None:
        self.began = self.now = at
        self.transcript: list[Line] = []
        self.visits = Visits()
        self.ended = False
        self.away = ""  # the queue, phone or mailbox that he was brought to
        self._flows = flows
        self.world = world
        self._voice = voice
        self._ivr = Interpreter(
            flows, flow, replace(context, hours=world.hours, locked=world.locked, draw=Draw())
        )
        self._coming: list[tuple[float, int, ivr.Input, str]] = []
        self._events = 0
        self._playing: tuple[int, int, float] | None = None  # play, its line, since when
        self._listening: ivr.Listen | None = None
        self._typing = False
        self._became = ""
        self._masks = Masks(flows)
        self._take(self._ivr.start(self.now))

    # -- what the caller does ---------------------------------------------------------------

    def press(self, keys: str) -> None:
        """Press these keys now, one shortly after the other."""
        line = self._write(Presses(""))
        for number, key in enumerate(keys):
            if number:
                self.pass_time(KEY_GAP)
            if self.ended:
                break
            self._masks.press(line, key)
            self._show_keys()
            if way := self.world.way_out(self.away, key):
                self._leave(way)
            else:
                self._hand_in(ivr.Digit(key))

    def say(self, text: str, confidence: float = SURE) -> bool:
        """Say this now; false when the flow does not listen."""
        if self._listening is None:
            return False
        phrase = nearest(text, self._listening.phrases)
        free = not self._listening.phrases
        self._write(Says(self._masks.said(text, self._ivr.position()), phrase or "", confidence))
        self._hand_in(ivr.SpeechBegan())
        if not self.ended:
            sure = confidence if phrase or free else 0.0
            self._hand_in(ivr.Said(phrase, sure, text))
        return True

    def pass_time(self, seconds: float) -> None:
        """Do nothing for so long."""
        until = self.now + seconds
        while not self.ended and (due := self._due()) is not None and due <= until:
            self._next()
        self.now = until

    def be_silent(self) -> None:
        """Do nothing until the flow has waited long enough."""
        self.rest()
        if not self.ended and self._ivr.next_deadline() is not None:
            self._next()

    def hang_up(self) -> None:
        """Hang up now; what the flow does after that is done, too."""
        if self.ended:
            return
        self._coming.clear()
        self._stop_playing()
        self._listening = None
        self._write(Ends("caller", self._outcome(None, "abandoned")))
        self._take(self._ivr.handle(ivr.HungUp(), self.now))
        self.rest()
        self.ended = True

    # -- what happens by itself -------------------------------------------------------------

    def rest(self, *, finish_typing: bool = True) -> None:
        """Let happen what happens, until the flow waits for the caller or the call is over.

        A number that the caller began to type is over when its timer has run out.
        """
        while self._goes_on(finish_typing):
            self._next()

    def until(self, condition: Callable[[], bool]) -> bool:
        """``rest``, but stop as soon as ``condition`` is true; whether it came true."""
        while not condition():
            if not self._goes_on(True):
                return False
            self._next()
        return True

    def until_said(self) -> None:
        """Listen to what is being said to its end."""
        while not self.ended and self._playing is not None:
            self._next()

    @property
    def speaking(self) -> bool:
        """Whether something is being said."""
        return self._playing is not None

    @property
    def listens(self) -> bool:
        """Whether what the caller says would be heard."""
        return self._listening is not None

    @property
    def where(self) -> tuple[str, str]:
        """The flow and the node that the call is in."""
        place = self._ivr.position().place
        return place.flow, place.node

    @property
    def prompts(self) -> Collection[str]:
        """The keys of the prompts that there are."""
        return self._voice.prompts.keys()

    @property
    def variables(self) -> dict[str, object]:
        """The variables that are not secret; those of the whole call begin with ``call.``."""
        position = self._ivr.position()
        shared = {f"call.{name}": value for name, value in position.shared.items()}
        return {**position.place.variables, **shared}

    # -- the clock --------------------------------------------------------------------------

    def _goes_on(self, finish_typing: bool) -> bool:
        return not self.ended and (
            bool(self._coming)
            or (finish_typing and self._typing and self._ivr.next_deadline() is not None)
        )

    def _due(self) -> float | None:
        times = [self._coming[0][0]] if self._coming else []
        deadline = self._ivr.next_deadline()
        return min([*times, *([] if deadline is None else [deadline])], default=None)

    def _next(self) -> None:
        """The next thing that comes: an end, an answer, or a timer."""
        self._count()
        deadline = self._ivr.next_deadline()
        if self._coming and (deadline is None or self._coming[0][0] <= deadline):
            self.now, _, event, place = heapq.heappop(self._coming)
            self._arrive(event, place)
        elif deadline is not None:
            self.now = max(self.now, deadline)
            self._take(self._ivr.on_deadline(self.now))

    def _arrive(self, event: ivr.Input, place: str) -> None:
        match event:
            case ivr.PlayEnded():
                self._playing = None
            case ivr.LookupEnded(result=result, status=status):
                self._write(ComesBack(place, result, str(status or "")))
            case ivr.Returned(by=by) if place:
                self.away = ""
                self._write(ComesBack(place, by))
                self._became = became(place, by, self._became)
            case _:
                pass
        self._take(self._ivr.handle(event, self.now))

    def _hand_in(self, event: ivr.Input) -> None:
        self._count()
        before = self._ivr.next_deadline()
        actions = self._ivr.handle(event, self.now)
        after = self._ivr.next_deadline()
        understood = any(isinstance(action, ivr.Heard) for action in actions)
        self._take(actions)
        if isinstance(event, ivr.Digit):
            self._typing = not understood and after is not None and after != before

    def _count(self) -> None:
        self._events += 1
        if self.now - self.began > MOST_SECONDS:
            raise Endless(f"the call is not over after {MOST_SECONDS / 3600:g} hours")
        if self._events > MOST_EVENTS:
            raise Endless(f"the call is not over after {MOST_EVENTS} events")

    def _come(self, seconds: float, event: ivr.Input, place: str = "") -> None:
        self._events += 1  # also the order of what comes at the same time
        heapq.heappush(self._coming, (self.now + seconds, self._events, event, place))

    # -- what the flow wants ----------------------------------------------------------------

    def _take(self, actions: list[ivr.Action]) -> None:
        for action in actions:
            self._perform(action)
        if not self.ended:
            self._masks.at(self._ivr.position())
        self._show_keys()

    def _perform(self, action: ivr.Action) -> None:
        match action:
            case ivr.Play():
                self._play(action)
            case ivr.StopPlay():
                self._stop_playing()
            case ivr.Listen():
                self._listen(action)
            case ivr.StopListening():
                self._listening = None
            case ivr.Answer(ring_seconds=ring):
                self._come(ring, ivr.Returned("answered"))
            case ivr.Lookup(lookup=number, request=request):
                self._look_up(number, request)
            case ivr.End(outcome=outcome):
                self._end(Ends("flow", self._outcome(outcome, "self_served")))
            case ivr.Fault(text=text):
                self._end(Ends("fault", "failed", text))
            case (
                ivr.Enqueue()
                | ivr.AskCallback()
                | ivr.TakeMessage()
                | ivr.Transfer()
                | ivr.Confer()
                | ivr.RecordAnswer()
            ):
                self._send_out(action)
            case ivr.Served():
                pass  # the interpreter says so itself at the end
            case _:
                self._note(action)

    def _play(self, play: ivr.Play) -> None:
        languages = (play.language, *play.fallback)
        parts = tuple(self._voice.spoken(sound, languages) for sound in play.prompts)
        heard = Hears(parts, play.language)
        self._playing = (play.play, self._write(heard), self.now)
        self.visits.speak(parts)
        ok = all(part.ok for part in parts)
        self._come(heard.seconds, ivr.PlayEnded(play.play, ok))

    def _stop_playing(self) -> None:
        if self._playing is None:
            return
        number, line, since = self._playing
        heard = self.transcript[line].event
        assert isinstance(heard, Hears)
        self._rewrite(line, replace(heard, stopped_after=self.now - since))
        self._playing = None
        self._forget(lambda event: isinstance(event, ivr.PlayEnded) and event.play == number)

    def _forget(self, unwanted: Callable[[ivr.Input], bool]) -> None:
        self._coming = [one for one in self._coming if not unwanted(one[2])]
        heapq.heapify(self._coming)

    def _listen(self, listen: ivr.Listen) -> None:
        if self.world.hears_speech():
            self._listening = listen
        else:
            self._come(0.0, ivr.Deaf())

    def _look_up(self, number: int, request: ivr.Request) -> None:
        place = f"http.{request.name}"
        self._write(GoesTo(place))
        told = self.world.answer(request.name)
        if told is None:
            self._write(Remark(f"nothing is given for {place}: it fails"))
            told = UNTOLD
        patience = request.timeout_seconds
        late = told.failure == "timeout" or told.after > patience
        if late:
            self._come(patience, ivr.LookupEnded(number, "timeout"), place)
        else:
            ended = ivr.LookupEnded(
                number, told.result, None if told.failure else told.body,
                0 if told.failure else told.status,
            )  # fmt: skip
            self._come(told.after, ended, place)

    def _send_out(self, errand: ivr.Errand) -> None:
        place = self.away = place_of(errand)
        self._write(GoesTo(place))
        if isinstance(errand, ivr.TakeMessage):
            self._greet(errand)
        outcome = self.world.outcome(place)
        self._come(outcome.after, ivr.Returned(outcome.by, dict(outcome.values)), place)

    def _leave(self, way: str) -> None:
        """By a key, before what was given would have come."""
        place = self.away
        self._forget(lambda event: isinstance(event, ivr.Returned))
        self._arrive(ivr.Returned(way), place)

    def _greet(self, message: ivr.TakeMessage) -> None:
        """A mailbox speaks before its beep; the flow is not asked about it."""
        position = self._ivr.position()
        languages = (position.language, *self._flows.flows[position.place.flow].languages())
        parts = tuple(self._voice.spoken(sound, languages) for sound in message.greeting)
        if parts:
            self._write(Hears(parts, languages[0]))

    def _note(self, action: Noted) -> None:
        """What the flow does beside the caller."""
        match action:
            case ivr.Entered(node=node, flow=flow, via=via):
                self.visits.enter(flow, node, via)
            case ivr.Heard(keys=keys):
                self._masks.heard(keys)
            case ivr.Attempted():
                self.world.attempted(action, self.now)
        self._write(noted(action))

    def _end(self, end: Ends) -> None:
        if not any(isinstance(line.event, Ends) for line in self.transcript):
            self._write(end)
        self._coming.clear()
        self._playing = None
        self.ended = True

    def _outcome(self, told: str | None, otherwise: str) -> str:
        """What the record of such a call would say."""
        if self._became == ANSWERED:
            return ANSWERED
        return told or self._ivr.outcome or self._became or otherwise

    # -- the transcript ---------------------------------------------------------------------

    def _write(self, event: Event) -> int:
        self.transcript.append(Line(self.now - self.began, event))
        return len(self.transcript) - 1

    def _rewrite(self, line: int, event: Event) -> None:
        self.transcript[line] = replace(self.transcript[line], event=event)

    def _show_keys(self) -> None:
        for line, keys in self._masks.changed():
            self._rewrite(line, Presses(keys))
