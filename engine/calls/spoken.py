"""Sentences put together from prompts: a place, a wait, a key, a telephone number. Pure.

The pieces are in ``ivr_flows/queue.yaml``, the numbers in ``ivr_flows/spoken.yaml``. They stand in
the same order in every language.
"""

from __future__ import annotations

from engine.calls.queueing.told import Telling, Wait
from engine.ivr.saying import digit_parts, number_part

Prompts = tuple[str, ...]

LAST_NUMBER = 59


def telling(told: Telling) -> Prompts:
    """Place and wait, as far as they are told."""
    place = position(told.position) if told.position is not None else ()
    if told.longer:
        return (*place, "wait_longer")
    return (*place, *(wait(told.wait) if told.wait is not None else ()))


def position(place: int) -> Prompts:
    """Your place in the line is number three."""
    return ("place_is", number_part(place)) if place <= LAST_NUMBER else ("place_far",)


def wait(told: Wait) -> Prompts:
    """The expected waiting time is between two and four minutes."""
    low, high = told.low, told.high
    if high is None:
        return _minutes("wait_above", low)
    if low == 0:
        return _minutes("wait_below", high)
    if low == high:
        return _minutes("wait_about", low)
    return ("wait_between", number_part(low), "wait_and", number_part(high), "minutes")


def _minutes(begin: str, minutes: int) -> Prompts:
    if minutes == 1:
        return (f"{begin}_one",)
    if minutes > LAST_NUMBER:
        return (f"{begin}_hour",)
    return (begin, number_part(minutes), "minutes")


def offer(what: str, key: str) -> Prompts:
    """To leave a message, press two."""
    return (f"offer_{what}", *digit_parts(key))


def digits(number: str) -> Prompts:
    """A number as people read it out, digit by digit."""
    return digit_parts(number)
