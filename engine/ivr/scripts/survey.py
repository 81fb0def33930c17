"""The script of the ``survey`` node."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from engine.ivr.grammar import Choices
from engine.ivr.messages import RecordAnswer, Returned, SurveyAnswered
from engine.ivr.schema import BargeIn, Menu, Question, Survey
from engine.ivr.scripts.asking import ask
from engine.ivr.steps import Question as Asked
from engine.ivr.steps import Reply, Saying, Script, Step
from engine.ivr.turn import Turn

_REFUSE_SECONDS = 1.5


def survey(node: Survey, turn: Turn) -> Script:
    """Each question in its turn; an answer is kept at once, for he may hang up at any time. After a
    crash it goes on behind what he has answered."""
    given = turn.resumed.answers
    if not given and (yield from _refused(node)):
        return node.way_out("refused")
    asked = answered = 0
    for question in node.questions:
        if question.when is not None and turn.quietly(question.when) is not True:
            continue
        asked += 1
        if question.id in given:
            answered += 1
            _remember(question, turn, given[question.id])
            continue
        take = _take_message if question.message else _take_key
        answered += yield from take(node, question, turn)
    if asked and not answered:
        return node.way_out("refused")
    return node.way_out("done" if answered == asked else "partial")


def _refused(node: Survey) -> Generator[Step, Any, bool]:
    if not node.refuse_key:
        if node.invitation:
            yield Saying(node.invitation, BargeIn.BOTH)
        return False
    reply: Reply = yield Asked(
        node.invitation, BargeIn.BOTH, Choices((node.refuse_key,)), _REFUSE_SECONDS, 1.0
    )
    return reply.kind == "ok"


def _take_key(node: Survey, question: Question, turn: Turn) -> Generator[Step, Any, bool]:
    keys = {key: {"to": "any", "phrases": a.phrases} for key, a in question.keys.items()}
    asking = Menu.model_validate(
        {
            "type": "menu",
            "prompts": question.prompts,
            "keys": keys,
            "attempts": node.attempts,
            "timeout_seconds": node.timeout_seconds,
            "global_keys": False,
        }
    )
    phrases = {
        phrase: key
        for key, answer in question.keys.items()
        for phrase in answer.phrases.get(turn.language, ())
    }
    asked = Asked(
        question.prompts,
        BargeIn.BOTH,
        Choices(tuple(question.keys)),
        node.timeout_seconds,
        2.0,
        phrases=phrases,
    )
    reply: Reply = yield from ask(asking, asked, turn)
    if reply.kind != "ok":
        return False
    _keep(node, question, turn, reply.value)
    return True


def _take_message(node: Survey, question: Question, turn: Turn) -> Generator[Step, Any, bool]:
    yield Saying(question.prompts, BargeIn.BOTH)
    done: Returned = yield RecordAnswer(question.seconds)
    if done.by != "saved":
        return False
    _keep(node, question, turn, "", str(done.values.get("recording", "")))
    return True


def _keep(node: Survey, question: Question, turn: Turn, value: str, recording: str = "") -> None:
    turn.act(SurveyAnswered(node.survey, question.id, value, recording))
    _remember(question, turn, value or recording)


def _remember(question: Question, turn: Turn, answer: str) -> None:
    if question.variable:
        turn.set(question.variable, answer)
