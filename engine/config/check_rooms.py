"""What is wrong with the conference rooms that people dial into."""

from __future__ import annotations

from collections.abc import Iterator

from dialplan.schema import RoomSettings
from engine.config.drafts import Draft, Written, every_target
from engine.config.problems import Problem


def check_rooms(draft: Draft) -> Iterator[Problem]:
    """Extensions that are taken, rooms that nobody comes into, and those that everybody may."""
    led_to = {target.room for number in draft.entries() for _, target in every_target(number.value)}
    yield from _extensions(draft)
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


def _taken(room: Written[RoomSettings], by: str) -> Problem:
    message = f"`{room.value.extension}` is the extension of {by}, too"
    return room.problem("E326", message, "choose another", at=("extension",))
