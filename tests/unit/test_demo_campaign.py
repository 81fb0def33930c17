"""What the demo notices when an attempt's record says otherwise than the callee's phone saw."""

from dataclasses import replace

import pytest

from dialer.dispositions import Disposition
from dialer.plan import AttemptMade, AttemptPlan, Mode
from engine.config import site
from engine.demo.callees import Callee, CalleeCall, Does, Voice
from engine.demo.leads import leads
from engine.demo.outreach import CAMPAIGNS_FILE
from engine.demo.outreach_evidence import differences
from engine.settings import Settings

PLAN = AttemptPlan(
    "ob-1.1", "demo", Mode.PROGRESSIVE, "demo", 1, 0, "+84901020102", "trunk", "0901020102",
    "19001000", 100.0,
)  # fmt: skip
TALK = AttemptMade(
    PLAN, Disposition.CONNECTED, 106.0, dialed=100.0, answered=101.0, connected=101.5, agent="tuan"
)
BUSY = AttemptMade(PLAN, Disposition.BUSY, 100.5, dialed=100.0, cause=17, tech_cause=486)


def call(**seen):
    return CalleeCall("+84901020102", "19001000", "id", 100.0, Callee(Voice()), **seen)


ANSWERED = {"answered": 101.1, "ended": 106.1}


def test_attempts_that_say_what_the_phones_saw_agree():
    assert list(differences(call(**ANSWERED), TALK, "tuan")) == []
    assert list(differences(call(status=486, ended=100.5), BUSY, "")) == []


@pytest.mark.parametrize(
    ("seen", "made", "agent", "complaint"),
    [
        (ANSWERED, TALK, "john", "agent: the phones saw john, the record says tuan"),
        (ANSWERED, TALK, "", "came of it: the phones saw abandoned, the record says connected"),
        (ANSWERED, replace(TALK, answered=104.0), "tuan", "answer: 2.9 s"),
        (ANSWERED, replace(TALK, answered=None), "tuan", "answer: "),
        (ANSWERED, replace(TALK, ended=109.0), "tuan", "end: 2.9 s"),
        (
            {"status": 603, "ended": 100.5}, BUSY, "",
            "came of it: the phones saw rejected, the record says busy",
        ),
        (
            {"status": 486, "ended": 100.5}, replace(BUSY, tech_cause=0), "",
            "SIP status: the phones saw 486, the record says 0",
        ),
    ],
)  # fmt: skip
def test_an_attempt_that_says_otherwise_is_noticed(seen, made, agent, complaint):
    assert any(complaint in text for text in differences(call(**seen), made, agent))


def test_the_leads_of_the_file_are_three_who_talk_three_who_do_not_and_one_who_is_barred():
    dialed = [lead for lead in leads().values() if not lead.barred]

    does = sorted(Does(int(lead.number[-7])) for lead in dialed)
    assert does == [Does.NOBODY, *[Does.ANSWERS] * 3, Does.BUSY, Does.REJECTS]
    assert [lead.hangs_up for lead in dialed] == [True, *[False] * 5]
    assert len({lead.tone_hz for lead in leads().values()}) == 7


def test_the_demos_campaign_is_one_that_the_shipped_site_can_run():
    settings = Settings.model_validate({"campaigns_file": CAMPAIGNS_FILE})

    found, problems = site.load(settings.site_paths)

    assert [problem for problem in problems if "campaign" in problem.file] == []
    assert found.campaigns["demo"].queue in found.queues
