"""Which recordings of a call are the two sides of one talk. PURE."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.call_record import SIDE_IN, SIDE_OUT
from engine.store.recordings import FileState, RecordingFile


@dataclass(frozen=True, slots=True)
class Pair:
    """What the caller said, and what he heard."""

    said: RecordingFile
    heard: RecordingFile

    @property
    def can_be_joined(self) -> bool:
        """Neither was finished yet."""
        return self.said.state is self.heard.state is FileState.NEW

    @property
    def is_joined(self) -> bool:
        """The file of what he said holds what he heard, too."""
        return self.said.channels > 1


def pair_of(file: RecordingFile, of_call: Iterable[RecordingFile]) -> Pair | None:
    """The pair that a side belongs to: those of a call belong together in their order. None for
    what is no side, or one without the other."""
    of_call = list(of_call)
    said, heard = ([f for f in of_call if f.kind == kind] for kind in (SIDE_IN, SIDE_OUT))
    for pair in map(Pair, said, heard):
        if file.name in (pair.said.name, pair.heard.name):
            return pair
    return None
