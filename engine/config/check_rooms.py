"""What is wrong with the conference rooms that people dial into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dialplan.rooms import key_twice
from dialplan.schema import RoomSettings
from engine.config.drafts import Draft, Written, every_target
from engine.config.problems import Problem
from engine.ivr.schema import Conference


def check_rooms(draft: Draft) -> Iterator[Problem]:
    """Extensions that are taken, rooms that nobody comes into, and those that everybody may."""
    led_to = {target.room for number in draft.entries() for _, target in every_target(number.value)}
    yield from _extensions(draft)
    yield from _keys(draft)
    for room in draft.rooms.values():
        if room.name in led_to and not room.value.pin:
            message = f"everybody who dials its number comes into `{room.name}`"
            yield room.problem("W321", message, "give it a `pin`", key=True)
        if room.name not in led_to and not room.value.extension:
            message = f"nobody can dial `{room.name}`"
            hint = "give it an `extension`, or a number that leads to it"
            yield room.problem("W322", message, hint, key=True)


def _extensions(draft: Draft) -> Iterator[Problem]:
    taken = {agent.value.extension: f"the agent `{agent.name}`" for agent in draft.agents.values()}
    for room in draft.rooms.values():
        if not (extension := room.value.extension):
            continue
        if extension in taken:
            yield _taken(room, taken[extension])
        taken.setdefault(extension, f"the room `{room.name}`")


def _keys(draft: Draft) -> Iterator[Problem]:
    for room in draft.rooms.values():
        if key := key_twice(_by_name(room.value.keys)):
            yield room.problem("E317", *_two_things(key), at=("keys",), key=True)
    for flow in draft.flows.values():
        for name, node in flow.value.nodes.items():
            if not isinstance(node, Conference):
                continue
            if key := key_twice(_by_name(node.keys) | {"leave": node.leave_key}):
                yield flow.problem("E317", *_two_things(key), at=("nodes", name), key=True)


def _by_name(keys: Mapping[Any, str]) -> dict[str, str]:
    return {str(what): key for what, key in keys.items()}


def _two_things(key: str) -> tuple[str, str]:
    return f"the key {key} does two things in the room", "the usual keys are in docs/conferences.md"


def _taken(room: Written[RoomSettings], by: str) -> Problem:
    message = f"`{room.value.extension}` is the extension of {by}, too"
    return room.problem("E326", message, "choose another", at=("extension",))
