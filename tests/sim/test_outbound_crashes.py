"""A campaign's call goes on although the engine dies after each single thing it does.

Cut after every line of the journal and every command to the switch, from the decision to dial to
the end of the talk or the message, with something happening (or nothing) while no engine is there,
for a moment or until the switch itself hangs up on who is listened to. Nobody is dialed twice,
every attempt is closed once, who answered and got nobody in time is abandoned, and the agent is
free afterwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from acd.messages import AgentState
from dialer.dispositions import ANSWERED_LIVE, Disposition
from dialer.plan import AttemptMade, Mode, OnMachine
from engine.asterisk.witness import Witness
from engine.calls.mail import OfferTaken
from tests.sim.crashes import die_everywhere
from tests.unit.fake_pbx import FakePbx, Phone
from tests.unit.outbound_center import ATTEMPT, CALLEE, dial, outbound_site, survey_flow
from tests.unit.small_center import SmallCenter, Truth
from tests.unit.virtual_time import EPOCH

AWAY_SECONDS = 1.0
LONG_AWAY_SECONDS = 7.0
ANSWERS = Phone(rings=0.2, answers=3, talks=9)
D = Disposition
OURS = {D.CANCELLED, D.FAILED}
LIVE = ANSWERED_LIVE | {D.MACHINE, D.MESSAGE_LEFT}

SCENES: dict[str, tuple[dict[str, object], Phone, Disposition]] = {
    "predictive": ({"mode": Mode.PREDICTIVE}, ANSWERS, D.CONNECTED),
    "progressive": ({"mode": Mode.PROGRESSIVE}, ANSWERS, D.CONNECTED),
    "preview": ({"mode": Mode.PREVIEW}, ANSWERS, D.CONNECTED),
    "manual": ({"mode": Mode.MANUAL, "agent": "anna"}, ANSWERS, D.CONNECTED),
    "busy": ({"mode": Mode.PREDICTIVE}, Phone(rings=0.2, refuses=2), D.BUSY),
    "busy in progressive": ({"mode": Mode.PROGRESSIVE}, Phone(rings=0.2, refuses=2), D.BUSY),
    "no answer": ({"mode": Mode.POWER, "ring_seconds": 15.0}, Phone(rings=0.2), D.NO_ANSWER),
    "no agent": (
        {"mode": Mode.PREDICTIVE, "queue": "sales"},
        Phone(rings=0.2, answers=3, presses=(3.0, "9")),
        D.ABANDONED,
    ),
    "a machine": ({"mode": Mode.PROGRESSIVE, "detect": True}, ANSWERS, D.MACHINE),
    "a message": (
        {
            "mode": Mode.POWER,
            "detect": True,
            "on_machine": OnMachine.MESSAGE,
            "machine_prompts": ("called_for",),
        },
        Phone(rings=0.2, answers=3),
        D.MESSAGE_LEFT,
    ),
    "detected person": ({"mode": Mode.PROGRESSIVE, "detect": True}, ANSWERS, D.CONNECTED),
    "broadcast": ({"mode": Mode.BROADCAST, "flow": "test", "queue": ""}, ANSWERS, D.SERVED),
}
_MACHINES = ("a machine", "a message")


def _each(switch: FakePbx, phone: str, act: Callable[[str], None]) -> None:
    for leg in [leg.id for leg in switch.legs_of(phone)]:
        act(leg)


def _answer_and_go(switch: FakePbx) -> None:
    _each(switch, CALLEE, switch.answer_phone)
    _each(switch, CALLEE, lambda leg: switch.put_down(leg, 0.3))


MEANWHILE: dict[str, Callable[[FakePbx], None]] = {
    "nothing happens": lambda switch: None,
    "callee answers and hangs up": _answer_and_go,
    "callee answers": lambda switch: _each(switch, CALLEE, switch.answer_phone),
    "callee hangs up": lambda switch: _each(switch, CALLEE, switch.put_down),
    "agent answers": lambda switch: _each(switch, "3001", switch.answer_phone),
    "agent hangs up": lambda switch: _each(switch, "3001", switch.put_down),
}


def _center(scene: str, witness: Path) -> SmallCenter:
    loop = asyncio.get_running_loop()
    switch = FakePbx(lambda: EPOCH + loop.time(), witness_file=witness)
    settings, callee, _ = SCENES[scene]
    mode = "preview" if settings["mode"] is Mode.PREVIEW else "auto_answer"
    site = outbound_site(1, offer_mode=mode)
    site.flows["test"] = survey_flow()
    site.agents["anna"] = site.agents["anna"].model_copy(update={"queues": ("support",)})
    if scene in _MACHINES:
        callee = replace(callee, heard_as=(1.0, "MACHINE", "LONGGREETING-1-1"))
    switch.phones.update({"3001": Phone(answers=2, talks=15), CALLEE: callee})
    return SmallCenter(switch, site, witness_file=witness)


def _take(center: SmallCenter) -> None:
    """She takes what she is shown."""
    if not center.dead.is_set() and (call := center.registry.calls.get(ATTEMPT)) is not None:
        for offer in list(call.standing.offers):
            center.tell_offer(OfferTaken(offer))
        asyncio.get_running_loop().call_later(5, _take, center)


async def _live(scene: str, meanwhile: str, cut: int, folder: Path, away: float) -> bool:
    """One run, cut after so many things; False when it was over before."""
    loop = asyncio.get_running_loop()
    witness = folder / f"{cut}.csv"
    center = _center(scene, witness)
    await center.start()
    center.log_in("anna")
    await asyncio.sleep(1)
    center.die_after(cut)
    dial(center, **SCENES[scene][0])  # type: ignore[arg-type]
    loop.call_later(1, _take, center)
    over = loop.create_task(center.until_over())
    dies = loop.create_task(center.dead.wait())
    await asyncio.wait([over, dies], return_when=asyncio.FIRST_COMPLETED)
    over.cancel()
    dies.cancel()
    died = center.dead.is_set()
    await center.kill()
    if died:
        loop.call_later(0.2, MEANWHILE[meanwhile], center.switch)
        await asyncio.sleep(away)
        await _carry_on(center, scene, meanwhile, witness, away)
    return died


async def _carry_on(
    dead: SmallCenter, scene: str, meanwhile: str, witness: Path, away: float
) -> None:
    center = dead.successor(witness_file=witness)
    try:
        await center.start()
        asyncio.get_running_loop().call_later(1, _take, center)
        if center.state_of("anna") is AgentState.LOGGED_OUT:
            center.log_in("anna")
        await center.until_over()
        Truth(center, away=away, strays_allowed=True).check()
        _is_fair(center, scene, meanwhile)
    finally:
        await center.kill()


def _is_fair(center: SmallCenter, scene: str, meanwhile: str) -> None:
    dials = [command for command in center.switch.commands if command[0] == "dial_number"]
    assert len(dials) <= 1, "dialed twice"
    assert center.state_of("anna") is AgentState.READY
    if not any(entry["data"]["call"] == ATTEMPT for entry in Truth(center)._notes()):
        assert not dials  # nothing was ever noted: it has not begun
        return
    record = center.books.of(ATTEMPT)
    attempt = record.attempt
    assert attempt is not None
    _is_told_truly(center, attempt)
    wanted = SCENES[scene][2]
    allowed = {wanted, *OURS}
    if attempt.answered is not None:  # it was our absence, or he hung up, or she
        allowed = {wanted, D.ABANDONED, D.HUNG_UP}
        if scene in _MACHINES:
            allowed |= {D.MACHINE, D.CONNECTED}
    if meanwhile == "callee answers":
        allowed |= {D.CONNECTED, D.ABANDONED, D.SERVED, D.MACHINE, D.MESSAGE_LEFT}
    if meanwhile in ("callee hangs up", "callee answers and hangs up"):
        allowed |= {D.HUNG_UP, D.ABANDONED, D.CONNECTED}
    if meanwhile == "callee hangs up":  # while it rings, too
        allowed |= {D.NO_ANSWER}
    assert attempt.disposition in allowed, (attempt.disposition, wanted)
    assert sum(segment.kind == "talk" for segment in record.segments) <= 1


def _is_told_truly(center: SmallCenter, attempt: AttemptMade) -> None:
    """What is told of the callee's leg is what it did."""
    legs = {c[1] for c in center.switch.commands if c[0] == "dial_number"}
    answered = [center.switch.answer_of(leg) for leg in legs]
    assert (attempt.disposition in LIVE) == any(answered), "somebody had answered, or nobody"
    assert (attempt.disposition is D.CONNECTED) == (attempt.connected is not None)
    joined = any(c[0] == "join" and c[2] in legs for c in center.switch.commands)
    assert attempt.disposition is not D.CONNECTED or joined, "nobody was there"
    person = attempt.disposition in (D.HUNG_UP, D.ABANDONED)
    if person and attempt.plan.mode is not Mode.BROADCAST:
        (leg,) = legs
        waited = attempt.ended - _waits_since(center, leg, attempt)
        late = waited > attempt.plan.wait_seconds or bool(attempt.spoken)
        assert (attempt.disposition is D.ABANDONED) == late, (attempt.disposition, waited)


def _waits_since(center: SmallCenter, leg: str, attempt: AttemptMade) -> float:
    """Since the end of his greeting, as far as the switch has listened for it."""
    seen = Witness(center.switch.witness_file).end_of(leg)
    assert seen is not None
    assert seen.answered is not None
    if seen.answered_by is not None and seen.answered_by.waits_since is not None:
        return seen.answered_by.waits_since
    return seen.answered


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("scene", SCENES)
def test_an_attempt_survives_the_death_of_the_engine_at_any_moment(
    scene: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(scene, meanwhile, cut, tmp_path, AWAY_SECONDS))


@pytest.mark.parametrize("meanwhile", ["nothing happens", "callee answers"])
@pytest.mark.parametrize("scene", ["predictive", "preview", "detected person", "a message"])
def test_an_attempt_survives_an_engine_that_stays_away_for_longer_than_the_switch_waits(
    scene: str, meanwhile: str, tmp_path: Path
) -> None:
    die_everywhere(lambda cut: _live(scene, meanwhile, cut, tmp_path, LONG_AWAY_SECONDS))
