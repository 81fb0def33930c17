"""One caller's ear, mouth and fingers: a step is said, asked or fetched, and comes to its end.

The rules of keys, timers and prompts are VoiceXML 2.0's (sections 4.1.5, 4.1.8, 5.2.2, 5.3.6 and
appendix D), in plain words in ``ivr_flows/README.md``. While a step runs the caller is in one of
three places:

- *playing*: a play is under way. A key stops it if it may be cut, else the key is dropped.
- *listening*: a timer runs, first-input, inter-digit or terminator; or he speaks just now.
- *waiting* for a lookup: keys are kept for the node that comes next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.ivr.grammar import Fit
from engine.ivr.messages import (
    Action,
    Deaf,
    Digit,
    Listen,
    Lookup,
    LookupEnded,
    NotPlayed,
    Play,
    PlayEnded,
    Said,
    SpeechBegan,
    StopListening,
    StopPlay,
)
from engine.ivr.rendering import Stretch
from engine.ivr.schema import BargeIn
from engine.ivr.steps import Fetch, Question, Reply, Saying

LONGEST_UTTERANCE_SECONDS = 15.0
"""How long the recogniser may take from the beginning of speech; then nothing was understood."""
LOOKUP_GRACE_SECONDS = 2.0
"""When the end of a lookup is never told."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A step is over, with this for its script."""

    value: Any


class Conversation:
    """Runs one step after the other; each call gives ``Ended`` when the step is over by it."""

    def __init__(self, act: Callable[[Action], None]) -> None:
        self._act = act
        self._step: Saying | Question | Fetch | None = None
        self._pending: list[Stretch] = []
        self._said: list[Stretch] = []  # of a filler, to be said again
        self._playing: Play | None = None
        self._cut_by = BargeIn.BOTH
        self._played = True
        self._plays = self._lookups = 0
        self._ahead = ""  # typed before the step that will use it
        self._typed = ""
        self._deadline: float | None = None
        self._give_up = 0.0
        self._speaking = False
        self._listening = False
        self._deaf = False
        self._language = ""
        self._late: tuple[Question, float] | None = None

    @property
    def deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called; None while playing or in an errand."""
        return self._deadline

    def begin(
        self,
        step: Saying | Question | Fetch,
        stretches: Sequence[Stretch],
        language: str,
        now: float,
    ) -> Ended | None:
        """Begin a step; ``stretches`` are its parts as they sound now."""
        self._step, self._language = step, language
        self._typed, self._played, self._speaking = "", True, False
        if isinstance(step, Fetch):
            return self._fetch(step, list(stretches), now)
        self._pending = list(stretches)
        return self._speak_on(now)

    def flush(self) -> None:
        """Forget what was typed ahead."""
        self._ahead = ""

    def drop(self) -> None:
        """The caller is gone, or the step is of no concern any more: nothing of it goes on."""
        self._step = self._playing = self._deadline = None
        self._pending = []
        self._listening = False
        self._ahead = ""

    # -- what happens ---------------------------------------------------------------------------

    def take(
        self, event: Digit | PlayEnded | SpeechBegan | Said | Deaf | LookupEnded, now: float
    ) -> Ended | None:
        """One input. What means nothing here (a stale play, a key in an errand) is ignored."""
        match event:
            case Digit(key) if not self._is_late_terminator(key, now):
                return self._hear(key, now)
            case PlayEnded(play, ok) if self._playing is not None and self._playing.play == play:
                return self._play_ended(ok, now)
            case SpeechBegan() if self._listening:
                return self._begin_speech(now)
            case Said() if self._listening:
                return self._take_words(event, now)
            case Deaf():
                return self._lose_hearing(now)
            case LookupEnded(lookup) if isinstance(self._step, Fetch) and lookup == self._lookups:
                self._stop_play()
                return self._end(event)
        return None

    def on_deadline(self, at: float) -> Ended | None:
        """The timer has run out."""
        match self._step:
            case Question() as question:
                if self._speaking:
                    return self._conclude_wrong(question, Reply("wrong", by="speech"))
                if self._typed:
                    self._expect_late_terminator(question, at)
                return self._conclude(question, at)
            case Fetch() as fetch:
                if at >= self._give_up:
                    self._stop_play()
                    return self._end(LookupEnded(self._lookups, "timeout"))
                self._pending = list(self._said)
                self._fill(fetch)
                return None
        self._deadline = None
        return None

    def _hear(self, key: str, now: float) -> Ended | None:
        """A key: cuts what may be cut, then belongs to the first question that listens."""
        step = self._step
        if isinstance(step, Fetch):
            self._ahead += key
            return None
        if self._playing is not None:
            if not self._cut_by.by_keys:
                return None
            self._stop_play()
            self._pending = []  # also what may not be cut (VoiceXML 2.0, 4.1.5.1)
            self._ahead += key
            return self._spoken(now)
        return self._press(step, key, now) if isinstance(step, Question) else None

    # -- speaking -------------------------------------------------------------------------------

    def _speak_on(self, now: float) -> Ended | None:
        """Play the next stretch; after the last, or for a key typed ahead, do the step's work."""
        if self._pending and not (self._ahead and self._pending[0].barge_in.by_keys):
            self._play(self._pending.pop(0))
            return None
        self._pending = []
        return self._spoken(now)

    def _play(self, stretch: Stretch) -> None:
        if not stretch.barge_in.by_keys and not isinstance(self._step, Fetch):
            self._ahead = ""
        self._cut_by = stretch.barge_in
        if isinstance(self._step, Question) and stretch.barge_in.by_speech:
            self._listen_for(self._step)
        self._plays += 1
        self._playing = Play(self._plays, stretch.sounds, stretch.language, stretch.fallback)
        self._act(self._playing)

    def _stop_play(self) -> None:
        if self._playing is not None:
            self._act(StopPlay(self._playing.play))
            self._playing = None

    def _play_ended(self, ok: bool, now: float) -> Ended | None:
        assert self._playing is not None  # take
        if not ok:
            self._act(NotPlayed(self._playing.prompts))
            self._played = False
        self._playing = None
        if isinstance(self._step, Fetch):
            self._fill(self._step, now)
            return None
        return self._speak_on(now)

    def _spoken(self, now: float) -> Ended | None:
        """All is said that this step says."""
        if isinstance(self._step, Question):
            return self._listen(self._step, now)
        return self._end(self._played)

    # -- waiting for an answer from elsewhere -----------------------------------------------------

    def _fetch(self, step: Fetch, filler: list[Stretch], now: float) -> Ended | None:
        self._lookups += 1
        self._said, self._pending = filler, []
        self._give_up = now + step.request.timeout_seconds + LOOKUP_GRACE_SECONDS
        self._deadline = self._give_up
        if filler:
            self._deadline = min(self._give_up, now + step.filler_after_seconds)
        self._act(Lookup(self._lookups, step.request))
        return None

    def _fill(self, step: Fetch, now: float | None = None) -> None:
        """Say the next of the filler; after the last (``now`` given) all of it again, later."""
        self._deadline = self._give_up
        if self._pending:
            self._play(self._pending.pop(0))
        elif now is not None:
            self._deadline = min(self._give_up, now + max(step.filler_after_seconds, 0.5))

    # -- listening to keys ------------------------------------------------------------------------

    def _listen(self, question: Question, now: float) -> Ended | None:
        """Start the first-input timer, or take the keys typed ahead."""
        self._typed = ""
        self._deadline = now + question.timeout_seconds
        self._listen_for(question)
        if self._deaf and question.grammar is None:
            return self._end(Reply("deaf"))
        while self._ahead:
            key, self._ahead = self._ahead[0], self._ahead[1:]
            ended = self._press(question, key, now)
            if ended is not None:
                return ended
        return None

    def _press(self, question: Question, key: str, now: float) -> Ended | None:
        grammar = question.grammar
        self._speaking = False
        if (special := question.specials.get(key)) is not None:
            return self._special(question, special, now)
        own = grammar is not None and grammar.fit(key) is not Fit.WRONG
        if not self._typed and key in question.shortcuts and not own:
            return self._end(Reply("global", key))
        if grammar is None:
            return None
        if grammar.ends(self._typed, key):
            return self._conclude(question, now)
        if self._typed and grammar.fit(self._typed) is Fit.FULL:
            self._ahead = key + self._ahead  # only the terminator was awaited: for the next node
            return self._end(Reply("ok", self._typed))
        self._typed += key
        match grammar.fit(self._typed):
            case Fit.WRONG:
                return self._conclude_wrong(question, Reply("wrong", self._typed))
            case Fit.FULL if question.terminator_seconds:
                self._deadline = now + question.terminator_seconds
            case Fit.FULL:
                self._expect_late_terminator(question, now)
                return self._end(Reply("ok", self._typed))
            case Fit.SHORT | Fit.ENOUGH:
                self._deadline = now + question.inter_digit_seconds
        return None

    def _special(self, question: Question, kind: str, now: float) -> Ended | None:
        if kind != "clear":
            return self._end(Reply(kind))
        self._typed = ""
        self._deadline = now + question.timeout_seconds
        return None

    def _conclude(self, question: Question, now: float) -> Ended | None:
        """No further key will come to what was typed."""
        if not self._typed:
            return self._conclude_wrong(question, Reply("noinput"))
        assert question.grammar is not None  # else nothing can be typed
        if question.grammar.fit(self._typed) in (Fit.ENOUGH, Fit.FULL):
            return self._end(Reply("ok", self._typed))
        return self._conclude_wrong(question, Reply("wrong", self._typed))

    def _conclude_wrong(self, question: Question, reply: Reply) -> Ended:
        self._ahead = ""
        return self._end(reply)

    def _is_late_terminator(self, key: str, now: float) -> bool:
        """Whether this is the ``#`` of a number that was already complete without it."""
        late, self._late = self._late, None
        if late is None or now > late[1] or late[0].grammar is None:
            return False
        return late[0].grammar.swallows(key)

    def _expect_late_terminator(self, question: Question, now: float) -> None:
        """Callers press ``#`` out of habit; it must not become a choice in the next node. Typed
        ahead with the number it is there already."""
        grammar = question.grammar
        if self._ahead and grammar is not None and grammar.swallows(self._ahead[0]):
            self._ahead = self._ahead[1:]
        else:
            self._late = (question, now + question.inter_digit_seconds)

    # -- listening to words -----------------------------------------------------------------------

    def _listen_for(self, question: Question) -> None:
        if question.by_voice and not self._listening and not self._deaf:
            self._listening = True
            self._act(Listen(tuple(question.phrases), self._language))

    def _begin_speech(self, now: float) -> Ended | None:
        if self._typed:
            return None  # keys win
        if self._playing is not None:
            if not self._cut_by.by_speech:
                return None
            self._stop_play()
            self._pending = []
        self._speaking = True
        self._deadline = now + LONGEST_UTTERANCE_SECONDS
        return None

    def _take_words(self, heard: Said, now: float) -> Ended | None:
        question = self._step
        if not isinstance(question, Question) or self._typed:
            return None  # keys win
        if self._playing is not None:
            if not self._cut_by.by_speech:
                return None
            self._stop_play()
            self._pending = []
        value = heard.text if question.free else self._meant(question.phrases, heard)
        said = heard.text if question.free else heard.phrase or heard.text
        if not value:
            return self._conclude_wrong(
                question, Reply("wrong", "", "speech", heard.confidence, said)
            )
        return self._end(Reply("ok", value, "speech", heard.confidence, said))

    def _meant(self, phrases: Mapping[str, str], heard: Said) -> str:
        return "" if heard.phrase is None else phrases.get(heard.phrase, "")

    def _lose_hearing(self, now: float) -> Ended | None:
        self._deaf, self._listening = True, False
        question = self._step
        if not isinstance(question, Question) or self._playing is not None:
            return None
        if question.grammar is None:
            return self._end(Reply("deaf"))
        if self._speaking:
            self._speaking = False
            self._deadline = now + question.timeout_seconds
        return None

    # -- the end of a step ------------------------------------------------------------------------

    def _end(self, value: Any) -> Ended:
        self._step = self._deadline = None
        self._speaking = False
        if self._listening:
            self._listening = False
            self._act(StopListening())
        return Ended(value)
