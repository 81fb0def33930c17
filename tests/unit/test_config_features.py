"""Feature codes as people write them: what loads, and what an operator is told of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_site import AGENTS, QUEUES, ROUTES, told, write_site

from acd.queues import Destination, DestinationKind
from dialplan.features import Action, Feature
from dialplan.talk_codes import DEFAULT_CODES, TalkAction
from engine.config.site import load

CODES = ROUTES.split("features:")[0] + "features:\n  login: '*10'\n"


def test_whoever_writes_nothing_of_talks_has_the_usual_codes(tmp_path: Path) -> None:
    site, problems = load(write_site(tmp_path, routes=CODES))
    assert site is not None, problems
    assert dict(site.features.talk.codes) == dict(DEFAULT_CODES)
    assert site.features.talk.seconds == 3


def test_codes_of_a_talk_short_codes_and_dispositions_are_as_they_are_written(
    tmp_path: Path,
) -> None:
    routes = (
        CODES
        + """\
  disposition: "*5"
  dispositions: {"1": sold, "42": call_back}
  pick_up: "*4"
  talk: {"#1": hold, "##": transfer}
  key_seconds: 1.5
  places:
    "8001": {queue: sales}
    "8002": {flow: main}
    "8003": {number: "0901 234 567"}
    "8004": {agent: an}
    "8005": voicemail
"""
    )
    site, problems = load(write_site(tmp_path, routes=routes))
    assert site is not None, problems
    features = site.features
    assert features.talk.codes == {"#1": TalkAction.HOLD, "##": TalkAction.TRANSFER}
    assert features.talk.seconds == 1.5
    assert features.talk.places["8001"] == Destination(kind=DestinationKind.QUEUE, name="sales")
    assert features.match("*542") == Feature(Action.DISPOSITION, "call_back")
    assert features.match("*47") == Feature(Action.PICK_UP, "7")
    assert features.match("*4") == Feature(Action.PICK_UP)
    assert [features.match(dialed) for dialed in ("*5", "*543", "*4x")] == [None, None, None]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('talk: {"#1": hold, "#12": swap}', "main.yaml:11:22 E307"),
        ('talk: {"1": hold}', "main.yaml:11:10 E205"),
        ('talk: {"#1": dance}', "main.yaml:11:16 E206"),
        ("key_seconds: 60", "main.yaml:11:16 E204"),
        ('status: "*101"', "main.yaml:11:11 E307"),
        ('places: {"8001": {queue: nowhere}}', "main.yaml:11:28 E301"),
        ('places: {"8001": {flow: nowhere}}', "main.yaml:11:27 E302"),
        ('places: {"8001": {agent: nobody}}', "main.yaml:11:28 E324"),
        ('places: {"8001": {number: home}}', "main.yaml:11:29 E205"),
        ('places: {"8001": callback}', "main.yaml:11:20 E209"),
        ('places: {"3001": {queue: sales}}', "main.yaml:11:12 E308"),
        ('dispositions: {"1": won}', "main.yaml:11:23 E323"),
    ],
)
def test_a_code_that_cannot_work_is_told_with_its_place(
    tmp_path: Path, line: str, expected: str
) -> None:
    queues = QUEUES.replace(
        "wrap_up: 5", "wrap_up: {mode: timed, seconds: 5, dispositions: [sold, lost]}"
    ).replace("ring_seconds: 15", "wrap_up: {mode: none, dispositions: [sold]}")
    site, problems = load(write_site(tmp_path, queues=queues, routes=f"{CODES}  {line}\n"))
    assert site is None
    assert expected in told(problems), [problem.render() for problem in problems]


def test_a_code_that_would_end_a_lines_talk_is_told(tmp_path: Path) -> None:
    agents = AGENTS.replace('extension: "3001"', 'extension: "3001"\n    nailed_up: true')
    routes = CODES + '  talk: {"*1": hold, "#2": swap}\n'
    site, problems = load(write_site(tmp_path, agents=agents, routes=routes))
    assert site is not None
    assert told(problems) == ["main.yaml:11:10 W309"]


def test_a_flow_that_agents_alone_lead_to_is_used(tmp_path: Path) -> None:
    flow = """\
flow: card
start: bye
nodes:
  bye: {type: hangup}
"""
    unused = write_site(tmp_path, routes=CODES, flows__card=flow)
    assert told(load(unused)[1]) == ["card.yaml:1:7 W302"]
    routes = CODES + '  places: {"8009": {flow: card}}\n'
    used = write_site(tmp_path, routes=routes, flows__card=flow)
    assert load(used)[1] == []
