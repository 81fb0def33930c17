"""The process that makes files, beside the engine: ``python -m engine.recordings.worker``.

A job per line of JSON on its input, an answer per line on its output. It gives way to everything
else on the machine, and ends with its input: also when the engine was killed. What it makes has no
name yet (``engine.recordings.making``), so one that outlives its engine does no harm.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, TextIO

from engine.recordings.making import Job, Track, make
from engine.recordings.wav import Unreadable

NICE = 10


def main() -> None:
    """Work until the input ends, or nobody hears the answer any more."""
    os.nice(NICE)
    try:
        serve(sys.stdin, sys.stdout)
    except BrokenPipeError:  # the engine was killed; what is made has no name yet
        os._exit(0)


def serve(jobs: Iterable[str], answers: TextIO) -> None:
    """Answer each job: ``made``, or ``unreadable`` or ``failed`` with the reason."""
    for line in jobs:
        print(json.dumps(_answer(json.loads(line))), file=answers, flush=True)


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    tracks = tuple(
        Track(each["path"], each["started"], tuple((a, b) for a, b in each["gaps"]))
        for each in asked["tracks"]
    )
    job = Job(**{**asked, "tracks": tracks, "command": tuple(asked["command"])})
    try:
        return {"made": asdict(make(job))}
    except Unreadable as error:
        return {"unreadable": str(error)}
    except (OSError, MemoryError) as error:
        return {"failed": str(error) or type(error).__name__}
    except Exception as error:  # a fault of ours: no other try ends otherwise
        return {"unreadable": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
