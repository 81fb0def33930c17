"""Which keys of a rehearsed caller may be shown: never those of a PIN or a card.

A key is hidden when it is pressed in a secret node, when the flow took it for a secret, and when it
was typed ahead and a secret node comes before the flow took it for anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.ivr.flowset import FlowSet
from engine.ivr.position import Position

DOT = "•"
SECRET_TYPES = frozenset({"payment", "identify", "conference"})


class Masks:
    """The keys that were pressed, by the line of the transcript where they stand."""

    def __init__(self, flows: FlowSet) -> None:
        self._flows = flows
        self._shown: dict[int, list[str]] = {}
        self._open: list[tuple[int, int]] = []  # line and place of keys that nobody took yet
        self._changed: set[int] = set()

    def press(self, line: int, key: str) -> None:
        """A key more in this line."""
        shown = self._shown.setdefault(line, [])
        self._open.append((line, len(shown)))
        shown.append(key)
        self._changed.add(line)

    def at(self, position: Position) -> None:
        """The call is here: what was pressed and not taken yet may be for this node."""
        if self._is_secret(position):
            self._hide()

    def heard(self, keys: str) -> None:
        """The flow took these keys for its input."""
        if DOT in keys:
            self._hide()
            self._open.clear()
            return
        for key in keys:
            while self._open:
                line, place = self._open.pop(0)
                if self._shown[line][place] in (key, DOT):
                    break

    def said(self, text: str, position: Position) -> str:
        """What was said, as it may be shown."""
        return DOT * 3 if self._is_secret(position) else text

    def changed(self) -> Iterator[tuple[int, str]]:
        """The lines that changed since the last time, with their keys as they may be shown."""
        lines, self._changed = self._changed, set()
        for line in sorted(lines):
            yield line, "".join(self._shown[line])

    def _hide(self) -> None:
        for line, place in self._open:
            if self._shown[line][place] != DOT:
                self._shown[line][place] = DOT
                self._changed.add(line)

    def _is_secret(self, position: Position) -> bool:
        flow = self._flows.flows.get(position.place.flow)
        node = flow.nodes.get(position.place.node) if flow else None
        return node is not None and (
            node.type in SECRET_TYPES or bool(getattr(node, "secret", False))
        )
