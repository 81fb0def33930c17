"""A small center that dials for a campaign: plans of attempts, callees' phones, what came of it."""

from __future__ import annotations

from typing import Any

from dialer.dispositions import Disposition
from dialer.plan import AttemptMade, AttemptPlan, Mode
from engine.call_record import CallRecord
from engine.ivr.schema import Flow
from tests.unit.fake_pbx import Phone
from tests.unit.ivr_caller import flow_of
from tests.unit.small_center import SmallCenter, SmallSite, Truth, opened, small_site

CALLEE = "+84901234567"
ATTEMPT = "ob-1790000000000.1"
DROPPED = ("dialer_dropped",)


def a_plan(mode: Mode, **more: Any) -> AttemptPlan:
    """An attempt of a lead in the queue `support`."""
    usual: dict[str, Any] = {
        "attempt": ATTEMPT,
        "campaign": "spring",
        "mode": mode,
        "list": "people",
        "lead": 1,
        "seq": 0,
        "number": CALLEE,
        "trunk": "trunk",
        "dialed": CALLEE,
        "caller_id": "1900",
        "queue": "support",
        "language": "en",
        "dropped_prompts": DROPPED,
    }
    return AttemptPlan(**(usual | more))


def outbound_site(agents: int = 1, **queue: Any) -> SmallSite:
    """Agents' phones answer by themselves, unless the queue says otherwise."""
    return small_site(agents, **{"offer_mode": "auto_answer", "wrap_up": "none"} | queue)


async def dialing_center(agents: int = 1, **queue: Any) -> SmallCenter:
    """Agents who are logged in; the callee answers after four seconds and talks for ten."""
    center = await opened(outbound_site(agents, **queue))
    center.switch.phones[CALLEE] = Phone(rings=0.2, answers=4, talks=10)
    center.log_in(*("anna", "binh", "chi")[:agents])
    return center


def dial(center: SmallCenter, mode: Mode, **more: Any) -> AttemptPlan:
    """An attempt begins, decided now unless something else is said."""
    plan = a_plan(mode, **({"decided": center.clock.now()} | more))
    center.registry.dial(plan)
    return plan


async def made(center: SmallCenter, attempt: str = ATTEMPT) -> AttemptMade:
    """What came of it, when everything is over and nothing is left."""
    record = await recorded(center, attempt)
    assert record.attempt is not None
    return record.attempt


async def recorded(center: SmallCenter, attempt: str = ATTEMPT) -> CallRecord:
    """Its record, when everything is over and nothing is left."""
    await center.until_over()
    Truth(center).check()
    await center.kill()
    record = center.books.of(attempt)
    assert record.direction == "outbound"
    assert record.attempt is not None
    assert record.attempt.disposition in Disposition
    return record


def survey_flow() -> Flow:
    """A flow for a broadcast: something is said, then it hangs up."""
    return flow_of(
        {
            "greet": {"type": "say", "prompts": "welcome", "next": "bye"},
            "bye": {"type": "hangup", "prompts": "sorry"},
        }
    )


def legs(center: SmallCenter, phone: str) -> list[str]:
    """The legs at a phone."""
    return [leg.id for leg in center.switch.legs_of(phone)]


def says(center: SmallCenter) -> list[str]:
    """The prompts that were played."""
    plays = (command for command in center.switch.commands if command[0] == "play")
    return [media.removeprefix("sound:en/") for command in plays for media in command[3:]]
