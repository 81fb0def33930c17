"""What must be trusted before anybody is dialed, with clocks that people set."""

from __future__ import annotations

from types import SimpleNamespace

from engine.campaigns.trust import Trust

NOW = 1_790_000_000.0


class Lists:
    """Do-not-call lists that are all there."""

    async def trust(self, required: object, now: float) -> str:
        return ""


def clocks(off: float = 0.0) -> tuple[Trust, SimpleNamespace]:
    wall = SimpleNamespace(at=NOW + off)
    return Trust(Lists(), lambda: True, lambda: wall.at), wall


async def test_a_wall_clock_that_somebody_sets_stops_the_dialing() -> None:
    trust, wall = clocks()
    assert await trust.look((), NOW, {}) == ""
    wall.at += 3605
    assert "set by +3600 s" in await trust.look((), NOW + 5, {})


async def test_set_back_and_confirmed_the_clock_is_trusted_again() -> None:
    trust, wall = clocks()
    await trust.look((), NOW, {})
    wall.at += 3605
    await trust.look((), NOW + 5, {})
    trust.confirm_clock()
    assert "restart the engine" in await trust.look((), NOW + 5, {})
    wall.at = NOW + 10
    assert await trust.look((), NOW + 10, {})
    trust.confirm_clock()
    assert await trust.look((), NOW + 10, {}) == ""


async def test_an_engine_that_runs_by_another_time_than_its_machine_dials_nobody() -> None:
    trust, _ = clocks(off=-7200)
    assert "+7200 s off" in await trust.look((), NOW, {})
