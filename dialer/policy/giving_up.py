"""Which ringing calls to give up, of those that have rung long enough to be given up lawfully.

They are the valve: agents who will all be busy for the next seconds cannot take another answer. The
youngest are kept first, as long as the agents are unlikely to run out without them; so the oldest,
who have annoyed their callee longest and are least likely to be answered, go first.
"""

from __future__ import annotations

from collections.abc import Sequence

from dialer.policy.base_stock import stock

#: The chance to run out within the next seconds up to which a call more is left to ring.
RISK_OF_RINGING_ON = 0.15


def given_up(
    ready: int,
    freed: Sequence[float],
    answered: Sequence[float],
    ringing: Sequence[float],
    ring_ok: Sequence[bool],
) -> tuple[int, ...]:
    """Indices into ``ringing``, ascending.

    ``freed`` and ``answered`` are chances within the next seconds, one per busy agent and one per
    ringing call; ``ready`` is less who waits.
    """
    lawful = {i for i, ok in enumerate(ring_ok[: len(ringing)]) if ok}
    if not lawful:
        return ()
    kept = stock(ready, freed, [q for i, q in enumerate(answered) if i not in lawful])
    by_age = sorted(lawful, key=lambda i: ringing[i])
    for place, i in enumerate(by_age):
        if kept.risk() > RISK_OF_RINGING_ON:
            return tuple(sorted(by_age[place:]))
        kept.add(answered[i])
    return ()
