"""What the settings say of recording a talk. Pure: after a crash the answer is the same.

Three things decide. A caller who refused (his flow said ``record: stop``) is not recorded, whatever
anybody orders. A queue that asks for consent records only whom a flow has asked (``record:
start``). Then the queue, or the campaign that called him, says when, and of how many.
"""

from __future__ import annotations

from hashlib import sha256

from acd.recording import Recording, RecordWhen

_DRAWN_FROM = 1 << 64


def begins(rules: Recording, call: str, wanted: str) -> bool:
    """Whether a talk of this call is recorded without anybody's order; ``wanted`` is the last word
    of its flow: '', ``start`` or ``stop``."""
    if refusal(rules, wanted):
        return False
    match rules.when:
        case RecordWhen.ALWAYS:
            return is_drawn(call, rules.share)
        case RecordWhen.ON_DEMAND:
            return wanted == "start"
    return False


def refusal(rules: Recording, wanted: str) -> str:
    """Why nobody may record this caller, '' when it is allowed."""
    if wanted == "stop":
        return "the caller has not agreed to be recorded"
    if rules.consent and wanted != "start":
        return "nobody has asked the caller whether he agrees to be recorded"
    return ""


def may_order(rules: Recording) -> bool:
    """Whether those in the talk may begin and end its recording."""
    return rules.by_agents or rules.when is RecordWhen.ON_DEMAND


def is_drawn(call: str, share: float) -> bool:
    """Whether this call is among the ``share`` percent that are recorded: drawn by its id."""
    drawn = int.from_bytes(sha256(call.encode()).digest()[:8], "big")
    return drawn * 100 < share * _DRAWN_FROM
