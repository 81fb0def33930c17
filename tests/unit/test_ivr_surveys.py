"""Surveys: answers one by one, skipped questions, and who refuses."""

from __future__ import annotations

from engine.ivr.messages import RecordAnswer, SurveyAnswered
from tests.unit.ivr_caller import Caller, flow_of
from tests.unit.ivr_nodes import EXITS

ASKED = {
    "type": "survey", "survey": "care", "invitation": "invite", "refuse_key": "9",
    "questions": [
        {"id": "score", "prompts": "how", "keys": "1-5", "variable": "score"},
        {"id": "why", "prompts": "why", "message": True, "when": "int(score) < 3"},
        {"id": "again", "prompts": "again", "keys": {"1": "yes", "2": "no"}},
    ],
    "done": "done", "partial": "silent", "refused": "lost",
}  # fmt: skip


def asked() -> Caller:
    """A caller in a survey, after its invitation."""
    someone = Caller(flow_of({"a": ASKED, **EXITS}))
    someone.silence()
    return someone


def test_answers_are_kept_one_by_one_and_questions_skipped() -> None:
    someone = asked()
    someone.press("4")
    someone.press("1")
    assert someone.path == ["a", "done"]
    assert someone.of(SurveyAnswered) == [
        SurveyAnswered("care", "score", "4"),
        SurveyAnswered("care", "again", "1"),
    ]


def test_an_answer_in_words_is_recorded() -> None:
    someone = asked()
    someone.press("2")
    someone.listen()
    assert someone.of(RecordAnswer) == [RecordAnswer(60)]
    someone.come_back("saved", recording="c-s1", seconds=4.0)
    someone.press("2")
    assert SurveyAnswered("care", "why", "", "c-s1") in someone.of(SurveyAnswered)
    assert someone.path == ["a", "done"]


def test_who_hangs_up_in_a_survey_has_answered_what_he_answered() -> None:
    someone = asked()
    someone.press("2")
    someone.hang_up()
    assert someone.of(SurveyAnswered) == [SurveyAnswered("care", "score", "2")]


def test_a_survey_can_be_refused_by_key_or_by_silence() -> None:
    someone = Caller(flow_of({"a": ASKED, **EXITS}))
    someone.press("9")
    assert someone.path == ["a", "lost"]
    someone = asked()
    while not someone.ivr.ended and someone.node == "a":
        someone.silence()
    assert someone.path == ["a", "lost"]
