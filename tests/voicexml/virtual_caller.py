"""A caller of the table in virtual time: prompts last as long as they do on the line."""

from __future__ import annotations

import json
from collections.abc import Callable

from engine.ivr.context import Context, Opening
from engine.ivr.interpreter import Interpreter
from engine.ivr.messages import (
    Action,
    Deaf,
    Digit,
    End,
    Fault,
    HungUp,
    Input,
    Lookup,
    LookupEnded,
    Play,
    PlayEnded,
    Returned,
    Said,
    SpeechBegan,
    StopPlay,
)
from engine.ivr.sounds import Sound
from tests.voicexml.behaviours import FLOW, PROMPT_SECONDS, SHORTEST_SECONDS, Behaviour

KEY_SECONDS = 0.1
INTO_SECONDS = 0.4
"""How far a prompt is when somebody has recognised it."""
LONGEST_SECONDS = 1000.0


class VirtualCaller:
    """Does what the case says, then waits until the flow is over or waits for somebody else."""

    def __init__(self, case: Behaviour) -> None:
        route = dict(case.route)
        hours = route.pop("hours", "open")
        context = Context(
            route.pop("language", ""),
            route.pop("caller", "0901"),
            "1900",
            lambda calendar, now: Opening(hours),
            **route,
        )
        self.now = 1000.0
        self.ivr = Interpreter(case.flows, FLOW, context)
        self.actions: list[Action] = []
        self.heard: list[str] = []
        self._playing: Play | None = None
        self._begun = 0.0
        self._take(self.ivr.start(self.now))
        for step in case.does:
            getattr(self, step.verb)(step.argument)
        self._run_until(lambda: False)

    # -- what he does -----------------------------------------------------------------------------

    def hear(self, prompt: str) -> None:
        """Listens until this prompt is said, and is a little way into it."""
        assert self._run_until(lambda: self._playing is not None and prompt in self._sounds())
        at = self._begun + self._sounds().index(prompt) * PROMPT_SECONDS + INTO_SECONDS
        self.now = max(self.now, at)

    def listen(self, _: str) -> None:
        """Listens until nothing is said."""
        assert self._run_until(lambda: self._playing is None)

    def wait(self, seconds: str) -> None:
        """Lets time pass."""
        until = self.now + float(seconds)
        while (at := self._next()) is not None and at <= until:
            self._pass(at)
        self.now = until

    def press(self, keys: str) -> None:
        """Presses keys, one after another."""
        for key in keys:
            self._send(Digit(key))
            self.wait(str(KEY_SECONDS))

    def hang_up(self, _: str) -> None:
        """Hangs up."""
        self._send(HungUp())

    def speak(self, _: str) -> None:
        """Begins to speak."""
        self._send(SpeechBegan())

    def say(self, heard: str) -> None:
        """Was understood: phrase and confidence, ``-`` for no phrase."""
        phrase, confidence = heard.rsplit(" ", 1)
        self._send(Said(None if phrase == "-" else phrase, float(confidence), phrase))

    def deaf(self, _: str) -> None:
        """There is no recogniser."""
        self._send(Deaf())

    # -- what the world does ----------------------------------------------------------------------

    def lookup(self, answer: str) -> None:
        """The last lookup ends: its result, and perhaps JSON."""
        result, _, body = answer.partition(" ")
        last = [action for action in self.actions if isinstance(action, Lookup)][-1]
        self._send(LookupEnded(last.lookup, result, json.loads(body) if body else None))

    def come_back(self, by: str) -> None:
        """The errand ends by this exit."""
        self._send(Returned(by))

    def fail(self, _: str) -> None:
        """What is playing cannot be played."""
        assert self._playing is not None
        self._end_play(ok=False)

    def at(self, node: str) -> None:
        """The call is at this node now."""
        assert self.ivr.position().place.node == node

    # -- the clock --------------------------------------------------------------------------------

    def _run_until(self, reached: Callable[[], bool]) -> bool:
        """Let time pass until it is so; False when nothing more will happen by itself."""
        end = self.now + LONGEST_SECONDS
        while not reached():
            at = self._next()
            if at is None or at > end:
                return False
            self._pass(at)
        return True

    def _next(self) -> float | None:
        times = [self.ivr.next_deadline()]
        if self._playing is not None:
            times.append(self._begun + len(self._playing.prompts) * PROMPT_SECONDS)
        return min((at for at in times if at is not None), default=None)

    def _pass(self, at: float) -> None:
        self.now = max(self.now, at)
        deadline = self.ivr.next_deadline()
        if deadline is not None and deadline <= at:
            self._take(self.ivr.on_deadline(self.now))
        else:
            self._end_play(ok=True)

    # -- the line ---------------------------------------------------------------------------------

    def _send(self, event: Input) -> None:
        if isinstance(event, HungUp):
            self._silence()
        self._take(self.ivr.handle(event, self.now))

    def _take(self, actions: list[Action]) -> None:
        for action in actions:
            assert not any(isinstance(each, End | Fault) for each in self.actions)
            match action:
                case Play():
                    assert self._playing is None, "two plays at once"
                    self._playing, self._begun = action, self.now
                case StopPlay(play=number):
                    assert self._playing is not None
                    assert self._playing.play == number
                    self._silence()
            self.actions.append(action)

    def _sounds(self) -> list[str]:
        assert self._playing is not None
        return [_shown(sound) for sound in self._playing.prompts]

    def _end_play(self, *, ok: bool) -> None:
        assert self._playing is not None
        play, self._playing = self._playing, None
        if ok:
            self.heard += [_shown(sound) for sound in play.prompts]
        self._take(self.ivr.handle(PlayEnded(play.play, ok), self.now))

    def _silence(self) -> None:
        """What was playing is cut: of its prompts those that had begun were heard."""
        if self._playing is None:
            return
        passed = self.now - self._begun
        for place, sound in enumerate(self._sounds()):
            if passed >= (place + 1) * PROMPT_SECONDS:
                self.heard.append(sound)
            elif passed > place * PROMPT_SECONDS + SHORTEST_SECONDS:
                self.heard.append(f"{sound}/")
        self._playing = None

    def waits_for(self) -> str | None:
        """The errand that he is in at the end."""
        last = self.actions[-1] if self.actions else None
        return None if last is None else type(last).__name__


def _shown(sound: Sound) -> str:
    return sound if isinstance(sound, str) else type(sound).__name__.lower()
