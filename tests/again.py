"""What failed in company is tried again alone: ``make test`` runs this after a red run.

A live test listens to real sound in real time. On a shared machine that stands still for a moment
packets are lost, and nothing is learned about Tongdai. So when a few of them failed, and nothing
else did, these run once more with the machine to themselves. Who fails there has failed. The others
are printed: each is either a test that asks too much of a busy machine or a defect that only haste
shows, and somebody is to find out which.
"""

import json
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
IN_REAL_TIME = ("tests/live/", "tests/edge/")
MOST = 3
"""More than that is no accident."""
SOME_FAILED = 1
"""Pytest's exit code when all ran and not all passed; others tell of a run that broke off."""


def worth_another_try(code, failed):
    """Whether these failures may be the machine's doing."""
    in_real_time = all(name.startswith(IN_REAL_TIME) for name in failed)
    return code == SOME_FAILED and 0 < len(failed) <= MOST and in_real_time


def main(code):
    """The exit code of the second run, or of the first when that stands."""
    failed = sorted(json.loads(FAILED.read_text())) if FAILED.exists() else []
    if not worth_another_try(code, failed):
        return code
    print(
        "\nThese failed beside others, and are tried again alone:", *failed, sep="\n  ", flush=True
    )
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
    again = subprocess.call([*pytest, *failed])
    if not again:
        print(
            "\nAlone they pass. Still each of them is worth a report:",
            *failed,
            sep="\n  ",
            flush=True,
        )
    return again


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
