"""The list that a simulated campaign dials."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from dialer.simulation.shape import Shape


@dataclass(frozen=True, slots=True)
class Contact:
    """How a dial will end, and how long agent and callee talk if they meet. Seconds."""

    #: From the dial until a person answers, or the dial fails.
    ends_after: float
    #: From the dial until it rings.
    rings_after: float
    #: The kind of failure; "" when a person answers.
    failure: str
    talk: float
    wrap: float


class Contacts:
    """Makes contacts one by one, each with dice of its own: no policy can shift the dice."""

    def __init__(self, shape: Shape, dice: Random) -> None:
        self._shape = shape
        self._dice = dice

    def next(self, share: float) -> Contact:
        """The next one, dialed when ``share`` of the shift is over."""
        shape, dice = self._shape, Random(self._dice.getrandbits(64))
        luck, talk, wrap = dice.random(), shape.talk(dice), shape.wrap(dice)
        set_up, ring, failure = shape.set_up(dice), shape.ring(dice), ""
        if luck >= shape.answer_rate(share):
            (found,) = dice.choices(shape.failures, [f.share for f in shape.failures])
            ring, failure = found.after(dice), found.kind
        if ring > shape.ring_limit:
            ring, failure = shape.ring_limit, failure or "no_answer"
        return Contact(set_up + ring, set_up, failure, talk * shape.talk_factor(share), wrap)
