"""Keys as people type them: again, when nothing comes of it."""

import contextlib

TRIES, AGAIN_SECONDS = 3, 11.0
"""How often somebody types a number, and when again: later than he may be in the midst of it."""


async def type_until(calling, keys, reached):
    """Type it until that is ``reached()``, which waits for AGAIN_SECONDS: keys that come all at
    once, from a machine that stood still, may be taken for fewer; and people type again."""
    for _ in range(TRIES - 1):
        await calling.press(keys)
        with contextlib.suppress(AssertionError, TimeoutError):
            return await reached()
    await calling.press(keys)
    return await reached()
