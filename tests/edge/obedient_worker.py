"""A worker whose recogniser does what the utterance says: for the tests of ``Workers``."""

import os
import sys
import time

from engine.speech.recogniser import Heard
from engine.speech.worker import serve

NONSENSE = {"babble": "no json", "ramble": "la" * 100_000, "lie": '{"sure": true}', "nod": "1"}


class Obedient:
    """``die``, ``hang``, what is in ``NONSENSE``, ``work 0.3`` (seconds of a busy core); else it
    understands."""

    def recognise(self, pcm, phrases, language):
        said = pcm.decode()
        if said == "die":
            os._exit(3)
        if said == "hang":
            time.sleep(60)
        if said in NONSENSE:
            sys.stdout.write(f"{NONSENSE[said]}\n")
            sys.stdout.flush()
        if said.startswith("work"):
            until = time.perf_counter() + float(said.split()[1])
            while time.perf_counter() < until:
                pass
        return Heard(said if said in phrases else None, 1.0, f"{said} {os.getpid()}")


if __name__ == "__main__":
    serve({"en": Obedient()}, sys.stdin.buffer, sys.stdout.buffer)
