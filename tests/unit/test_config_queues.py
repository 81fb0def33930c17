"""Queues, needs, media and pause reasons: what an operator is told before callers meet them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from written_site import AGENTS, FLOW, ROUTES, write_site

from acd.agent_settings import DEFAULT_MEDIA, Medium, PauseReason
from acd.queues import DestinationKind, WrapUp, WrapUpMode
from engine.config.drafts import SitePaths
from engine.config.problems import Problem
from engine.config.site import Site, load

SKILLED = """\
agents:
  an:
    extension: "3001"
    queues: [support, sales]
    languages: [en, vi]
    skills: {billing: 4}
  binh:
    extension: "3002"
    queues: [support]
    languages: [vi]
    skills: {billing: 2, technical: 3}
"""
OUTBOUND = 'outbound: {caller_id: "19001000", trunk: main, numbers: {"+84.": {}}}\n'

Write = Callable[..., SitePaths]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a good site, with some of its files replaced."""
    return partial(write_site, tmp_path)


def queues(*support: str, **others: str) -> str:
    """A file of queues: settings of `support`, one a line, and others in one line each."""
    settings = support or ("ring_seconds: 15",)
    lines = ["  support:", *(f"    {line}" for line in settings)]
    lines += [f"  {name}: {body}" for name, body in ({"sales": "{}"} | others).items()]
    return "\n".join(["queues:", *lines, ""])


def loaded(paths: SitePaths) -> Site:
    site, problems = load(paths)
    assert site is not None, [problem.render() for problem in problems]
    return site


def assert_pointed(problems: list[Problem], expected: list[str]) -> None:
    """Each problem is of this file and code, and its caret is under this text."""
    found = [f"{Path(p.file).stem} {p.code} {p.excerpt[p.column - 1 :]}" for p in problems]
    texts = [text[: len(want)] for text, want in zip(found, expected, strict=False)]
    assert (len(found), texts) == (len(expected), expected), found


def problem_of(paths: SitePaths) -> Problem:
    """The only problem of a site."""
    _, problems = load(paths)
    assert len(problems) == 1, [problem.render() for problem in problems]
    return problems[0]


# -- what may be written ------------------------------------------------------------------------


def test_short_forms_mean_what_they_say(write: Write) -> None:
    text = queues(
        "wrap_up: 12.5",
        "ring_width: all",
        "needs: [billing >= 3]",
        "overflow:",
        "  - {when: waited, over: 60, to: {queue: sales}}",
        "  - {when: unstaffed, to: voicemail}",
        sales="{wrap_up: until_done}",
    )
    site = loaded(write(text, SKILLED))
    support = site.queues["support"]
    assert support.wrap_up == WrapUp(mode=WrapUpMode.TIMED, seconds=12.5)
    assert support.ring_width == 1000
    assert [step.need for step in support.needs] == ["billing >= 3"]
    kinds = [(rule.to.kind, rule.to.name) for rule in support.overflow]
    assert kinds == [(DestinationKind.QUEUE, "sales"), (DestinationKind.VOICEMAIL, "")]
    assert site.queues["sales"].wrap_up.mode is WrapUpMode.UNTIL_DONE


def test_no_wrap_up_is_written_as_zero(write: Write) -> None:
    site = loaded(write(queues("wrap_up: 0")))
    assert site.queues["support"].wrap_up.mode is WrapUpMode.NONE


def test_a_medium_of_the_site_changes_what_it_names_and_keeps_the_rest(write: Write) -> None:
    media = "media:\n  chat: {most: 2}\n  fax: {weight: 10}\n"
    site = loaded(write(agents=media + AGENTS))
    found = {medium.name: medium for medium in site.media}
    assert found["chat"] == Medium(name="chat", most=2, weight=25, interrupted_by=("voice",))
    assert found["fax"] == Medium(name="fax", weight=10)
    assert found["voice"] == DEFAULT_MEDIA[0]


def test_a_site_without_media_has_the_shipped_ones_and_any_pause_reason(write: Write) -> None:
    site = loaded(write())
    assert site.media == DEFAULT_MEDIA
    assert site.reasons == ()


def test_pause_reasons_are_read_with_their_limits(write: Write) -> None:
    reasons = "pause_reasons:\n  break: {}\n  lunch: {max_seconds: 3600, billable: yes}\n"
    site = loaded(write(agents=reasons + AGENTS))
    lunch = PauseReason(name="lunch", max_seconds=3600, billable=True)
    assert site.reasons == (PauseReason(name="break"), lunch)


# -- what is refused in a setting itself --------------------------------------------------------

NESTED: list[tuple[str, dict[str, str], list[str], str]] = [
    # what is wrong, the file replaced, where it is told, a piece of the message
    (
        "a setting of wrap-up",
        {"queues": queues("wrap_up: {mode: timed, secnds: 5}")},
        ["queues E201 secnds:"],
        "did you mean `seconds`?",
    ),
    (
        "a mode that does not exist",
        {"queues": queues("wrap_up: until_dne")},
        ["queues E206 until_dne"],
        "did you mean `until_done`?",
    ),
    (
        "a wrap-up of hours",
        {"queues": queues("wrap_up: 4000")},
        ["queues E204 4000"],
        "at most 3600, not `4000`",
    ),
    (
        "a setting of an overflow rule",
        {"queues": queues("overflow:", "  - when: closed", "    too: exit")},
        ["queues E202 when:", "queues E201 too:"],
        "did you mean `to`?",
    ),
    (
        "a place that does not exist",
        {"queues": queues("overflow:", "  - {when: unstaffed, to: {quue: sales}}")},
        ["queues E206 to:"],
        "did you mean `queue`?",
    ),
    (
        "two places at once",
        {"queues": queues("overflow:", "  - {when: unstaffed, to: {queue: a, flow: b}}")},
        ["queues E209 to: {queue:"],
        "name one place",
    ),
    (
        "a queue without its name",
        {"queues": queues("overflow: [{when: unstaffed, to: queue}]")},
        ["queues E209 queue}]"],
        "say which queue",
    ),
    (
        "a limit that is missing",
        {"queues": queues("overflow: [{when: waited, to: exit}]")},
        ["queues E209 {when:"],
        "needs its limit",
    ),
    (
        "a limit where there is none",
        {"queues": queues("overflow: [{when: closed, over: 5, to: exit}]")},
        ["queues E209 {when:"],
        "leave out `over`",
    ),
    (
        "a key that no phone has",
        {"queues": queues("callback: {key: x}")},
        ["queues E205 x}"],
        "one of the keys 0-9",
    ),
    (
        "a level in a word",
        {"agents": SKILLED.replace("billing: 4", "billing: good")},
        ["agents E203 good}"],
        "whole number",
    ),
    (
        "a level above all",
        {"agents": SKILLED.replace("billing: 4", "billing: 400")},
        ["agents E204 400}"],
        "at most 100",
    ),
    (
        "a skill with a capital",
        {"agents": SKILLED.replace("{billing: 4}", "{Billing: 4}")},
        ["agents E205 Billing:"],
        "small letters",
    ),
    (
        "a setting of a medium",
        {"agents": "media:\n  chat: {wight: 5}\n" + AGENTS},
        ["agents E201 wight:"],
        "did you mean `weight`?",
    ),
    (
        "a setting of a pause reason",
        {"agents": "pause_reasons:\n  break: {max_second: 5}\n" + AGENTS},
        ["agents E201 max_second:"],
        "did you mean `max_seconds`?",
    ),
    (
        "a section of the agents' file",
        {"agents": "pause_reason:\n  break: {}\n" + AGENTS},
        ["agents E201 pause_reason:"],
        "did you mean `pause_reasons`?",
    ),
]


@pytest.mark.parametrize(
    ("files", "expected", "words"), [case[1:] for case in NESTED], ids=[case[0] for case in NESTED]
)
def test_a_slip_deep_in_a_setting_is_told_at_its_place(
    write: Write, files: dict[str, str], expected: list[str], words: str
) -> None:
    site, problems = load(write(**files))
    assert site is None
    assert_pointed([p for p in problems if p.code < "E3"], expected)
    assert any(words in problem.message for problem in problems)


# -- who serves whom ----------------------------------------------------------------------------

ENGLISH_AND_FRENCH = ROUTES.replace("{queue: support}", "{queue: support, language: fr}")

NEEDS: list[tuple[str, dict[str, str], list[str], str]] = [
    (
        "a need that is no expression",
        {"queues": queues('needs: ["billing >= and vi"]')},
        ["queues E310 and"],
        "cannot be read",
    ),
    (
        "a need that wants more than skills",
        {"queues": queues("needs:", "  - need: billing >= 1 and open('x')")},
        ["queues E310 open('x')"],
        "cannot be read",
    ),
    (
        "a bad need after the caller's language",
        {"queues": queues("needs: [$language >= 1 and billing = 2]")},
        ["queues E310 ="],
        "cannot be read",
    ),
    (
        "a need over two lines",
        {"queues": queues("needs:", "  - need: >-", "      billing >=", "      and vi")},
        ["queues E310 >-"],
        "cannot be read",
    ),
    (
        "a skill that nobody has",
        {"queues": queues("needs:", "  - {need: vi >= 1 and biling >= 3, seconds: 20}")},
        ["queues E311 biling"],
        "did you mean `billing`?",
    ),
    (
        "a step after one that lasts for ever",
        {"queues": queues("needs: [billing >= 3, billing >= 1]")},
        ["queues E312 billing"],
        "step 1 before it lasts for ever",
    ),
    (
        "a level that nobody of the queue has, insisted on",
        {"queues": queues("needs: [billing >= 5]")},
        ["queues E313 billing"],
        "nobody can serve `support`",
    ),
    (
        "a level that nobody has, and no way to another",
        {"queues": queues("needs: [{need: billing >= 5, seconds: 9}]", "needs_end: exit")},
        ["queues E313 billing"],
        "nobody can serve `support`",
    ),
    (
        "a skill that only others have",
        {"queues": queues(sales="{needs: [{need: technical, seconds: 9}], needs_end: exit}")},
        ["queues E313 technical"],
        "nobody can serve `sales`",
    ),
    (
        "a first step that nobody ever fits",
        {"queues": queues("needs: [{need: billing >= 5, seconds: 9}, billing >= 4]")},
        ["queues W306 billing"],
        "no agent of `support` ever fits this step",
    ),
    (
        "callers in a language that nobody speaks",
        {"queues": queues("needs: [$language >= 1]"), "routes": ENGLISH_AND_FRENCH},
        ["queues W307 $language"],
        "callers in fr",
    ),
    (
        "a queue that nobody lists",
        {"queues": queues(vip="{}")},
        ["queues E313 vip:"],
        "nobody serves the queue `vip`",
    ),
    (
        "a queue that nobody lists and that sends everybody on",
        {"queues": queues(vip="{overflow: [{when: unstaffed, to: {queue: sales}}]}")},
        ["queues W301 vip:"],
        "leave at once",
    ),
    (
        "a need in a flow that cannot be read",
        {"flow": FLOW.replace("queue: support", "queue: support\n    needs: billing >")},
        ["main E310 >"],
        "cannot be read",
    ),
    (
        "a need in a flow that nobody fits",
        {"flow": FLOW.replace("queue: support", "queue: support\n    needs: [billing >= 5]")},
        ["main E313 billing"],
        "nobody can serve `support`",
    ),
]


@pytest.mark.parametrize(
    ("files", "expected", "words"), [case[1:] for case in NEEDS], ids=[case[0] for case in NEEDS]
)
def test_callers_whom_nobody_could_serve_are_told_of(
    write: Write, files: dict[str, str], expected: list[str], words: str
) -> None:
    site, problems = load(write(**{"agents": SKILLED, **files}))
    assert_pointed(problems, expected)
    assert words in problems[0].message
    assert (site is None) == (" E" in expected[0])


@pytest.mark.parametrize(
    "needs",
    [
        "[{need: billing >= 3, seconds: 20}, {need: billing >= 1, seconds: 20}]",
        "[{need: billing >= 3 and $language >= 1, seconds: 20}, billing >= 1]",
        "[{need: billing >= 3, seconds: 20}, {need: technical, seconds: 20}]",  # no relaxation
        "[{need: billing >= 0, seconds: 5}]",  # always true
        "[{need: fr >= 1 or vi >= 1, seconds: 5}]",
        '[{need: "", seconds: 5}]',
    ],
)
def test_needs_that_somebody_fits_are_nobodys_concern(write: Write, needs: str) -> None:
    agents = SKILLED.replace("technical: 3", "technical: 3, fr: 0")
    assert load(write(queues(f"needs: {needs}"), agents))[1] == []


def test_skills_are_not_judged_while_an_agent_cannot_be_read(write: Write) -> None:
    agents = SKILLED.replace('"3001"', "x")
    problem = problem_of(write(queues("needs: [billing >= 4]"), agents))
    assert problem.code == "E205"


# -- where queues lead --------------------------------------------------------------------------


def rule(text: str) -> str:
    return queues("overflow:", f"  - {{{text}}}")


BEYOND: list[tuple[str, dict[str, str], list[str], str]] = [
    (
        "an unknown queue",
        {"queues": rule("when: unstaffed, to: {queue: sals}")},
        ["queues E301 sals}}"],
        "did you mean `sales`?",
    ),
    (
        "an unknown flow",
        {"queues": rule("when: unstaffed, to: {flow: mian}")},
        ["queues E302 mian}}"],
        "did you mean `main`?",
    ),
    (
        "no telephone number",
        {"queues": rule("when: unstaffed, to: {number: the boss}"), "routes": ROUTES + OUTBOUND},
        ["queues E205 the"],
        "no telephone number",
    ),
    (
        "an unknown prompt at the end",
        {"queues": rule("when: unstaffed, to: {hang_up: by}")},
        ["queues E304 by}}"],
        "did you mean `bye`?",
    ),
    (
        "a callback that is not set up",
        {"queues": rule("when: expected_wait, over: 60, to: callback")},
        ["queues E316 callback}"],
        "no `callback` settings",
    ),
    (
        "a name where none belongs",
        {"queues": rule("when: unstaffed, to: {exit: mai}")},
        ["queues E209 {exit:"],
        "leads to one place only",
    ),
    (
        "a mailbox that is not there",
        {"queues": rule('when: unstaffed, to: {voicemail: "queue:sals"}')},
        ['queues E328 "queue:sals"'],
        "did you mean `queue:sales`?",
    ),
    (
        "a greeting that is not there",
        {"queues": queues("voicemail: {greeting: by}")},
        ["queues E304 by}"],
        "did you mean `bye`?",
    ),
    (
        "itself",
        {"queues": rule("when: unstaffed, to: {queue: support}")},
        ["queues E314 {queue:"],
        "support → support",
    ),
    (
        "a circle",
        {
            "queues": queues(
                "overflow: [{when: waited, over: 9, to: {queue: sales}}]",
                sales="{overflow: [{when: unstaffed, to: {queue: vip}}]}",
                vip="{overflow: [{when: closed, to: {queue: support}}], calendar: office}",
            ),
            "agents": AGENTS.replace("[support]", "[support, vip]"),
        },
        ["queues E314 {queue:"],
        "support → sales → vip → support",
    ),
    (
        "a circle by way of a flow that only says something",
        {
            "queues": rule("when: unstaffed, to: {flow: sorry}"),
            "flows__sorry": "flow: sorry\nstart: hi\nnodes:\n"
            "  hi: {type: say, prompts: bye, next: back}\n"
            "  back: {type: queue, queue: support, timeout: end, full: end, no_agents: end}\n"
            "  end: {type: hangup}\n",
        },
        ["queues E314 {flow:"],
        "support → (flow sorry) → support",
    ),
    (
        "a rule of the entry, asked while waiting",
        {"queues": rule("when: waiting, over: 9, at: waiting, to: {queue: sales}")},
        ["queues E315 waiting"],
        "at entry only",
    ),
    (
        "a wait at entry",
        {"queues": rule("when: waited, over: 9, at: entry, to: {queue: sales}")},
        ["queues E315 entry"],
        "nobody has waited yet",
    ),
    (
        "closed without hours",
        {"queues": rule("when: closed, to: {queue: sales}")},
        ["queues E316 closed"],
        "no `calendar`",
    ),
    (
        "an unknown calendar",
        {"queues": queues("calendar: ofice")},
        ["queues E303 ofice"],
        "did you mean `office`?",
    ),
    (
        "an unknown calendar of callbacks",
        {"queues": queues("callback: {calendar: ofice}"), "routes": ROUTES + OUTBOUND},
        ["queues E303 ofice}"],
        "did you mean `office`?",
    ),
    (
        "a rule after the longest wait",
        {
            "queues": queues(
                "max_wait_seconds: 60", "overflow: [{when: waited, over: 60, to: {queue: sales}}]"
            )
        },
        ["queues W308 60"],
        "nobody waits so long",
    ),
    (
        "steps after the longest wait",
        {
            "queues": queues(
                "max_wait_seconds: 60",
                "needs: [{need: vi, seconds: 40}, {need: en, seconds: 20}, billing]",
            ),
            "agents": SKILLED,
        },
        ["queues W308 billing]"],
        "begins after 60 s",
    ),
    (
        "steps after an overflow",
        {
            "queues": queues(
                "needs: [{need: vi, seconds: 40}, billing]",
                "overflow: [{when: waited, over: 30, to: {queue: sales}}]",
            ),
            "agents": SKILLED,
        },
        ["queues W308 billing]"],
        "they overflow after 30",
    ),
]


@pytest.mark.parametrize(
    ("files", "expected", "words"), [case[1:] for case in BEYOND], ids=[case[0] for case in BEYOND]
)
def test_a_queue_that_leads_astray_is_told_of(
    write: Write, files: dict[str, str], expected: list[str], words: str
) -> None:
    site, problems = load(write(**files))
    mine = [problem for problem in problems if problem.code != "E321"]  # not to be dialed, either
    assert_pointed(mine, expected)
    assert words in mine[0].message
    assert (site is None) == (" E" in expected[0])


def test_queues_that_help_each_other_out_in_one_direction_are_in_order(write: Write) -> None:
    text = queues(
        "overflow:",
        "  - {when: waited, over: 60, to: {queue: sales}}",
        "  - {when: unstaffed, to: {queue: vip}}",
        sales="{overflow: [{when: unstaffed, to: {queue: vip}}]}",
        vip="{overflow: [{when: full, to: exit}]}".replace("full", "all_paused"),
    )
    assert load(write(text, AGENTS.replace("[support]", "[support, vip]")))[1] == []


def test_a_flow_for_overflow_needs_no_number_and_may_ask_the_caller(write: Write) -> None:
    flow = (
        "flow: busy\nstart: ask\n"
        "prompts: {stay: {en: Press 1 to stay.}, leave: {en: Goodbye.}}\nnodes:\n"
        "  ask: {type: menu, prompts: stay, keys: {'1': back}, noinput: end, nomatch: end}\n"
        "  back: {type: queue, queue: support, timeout: end, full: end, no_agents: end}\n"
        "  end: {type: hangup, prompts: leave}\n"
    )
    text = rule("when: expected_wait, over: 300, to: {flow: busy}")
    assert load(write(text, flows__busy=flow))[1] == []


# -- what callers hear and press, and what agents do afterwards ---------------------------------

TWO_LANGUAGES = ROUTES.replace("{queue: support}", "{queue: support, language: vi}")

AROUND: list[tuple[str, dict[str, str], list[str], str]] = [
    (
        "an unknown comfort message",
        {"queues": queues("announcements:", "  comfort: [bye, by]")},
        ["queues E304 by]"],
        "did you mean `bye`?",
    ),
    (
        "a prompt that some callers hear in another language",
        {"queues": queues("announcements: {at_entry: [bye]}"), "routes": TWO_LANGUAGES},
        ["queues W305 bye]}"],
        "missing in vi",
    ),
    (
        "one key for two wishes",
        {
            "queues": queues("callback: {}", 'voicemail: {key: "1"}'),
            "routes": ROUTES + OUTBOUND,
        },
        ['queues E317 "1"}'],
        "key 1 would ask for",
    ),
    (
        "one key for two wishes, the other one written",
        {
            "queues": queues('callback: {key: "2"}', "voicemail: {}"),
            "routes": ROUTES + OUTBOUND,
        },
        ['queues E317 "2"}'],
        "key 2 would ask for",
    ),
    (
        "a default that cannot be chosen",
        {"queues": queues("wrap_up: {dispositions: [sold, lost], default_disposition: los}")},
        ["queues E318 los}"],
        "did you mean `lost`?",
    ),
    (
        "a disposition required when there is no time for it",
        {"queues": queues("wrap_up: {mode: none, required: yes}")},
        ["queues E318 yes}"],
        "no wrap-up in which to set it",
    ),
    (
        "a timed wrap-up of no time",
        {"queues": queues("wrap_up: {mode: timed_fixed, seconds: 0}")},
        ["queues E318 0}"],
        "0 s",
    ),
    (
        "an owner whom nobody names",
        {"queues": queues("sticky: {to: owner}")},
        ["queues W311 owner}"],
        "no flow names an `owner`",
    ),
    (
        "a tier in an unknown queue",
        {"agents": AGENTS + "    tiers: {suport: 1}\n"},
        ["agents E301 suport:"],
        "did you mean `support`?",
    ),
    (
        "a tier in a queue that he does not serve",
        {"agents": AGENTS + "    tiers: {sales: 1}\n"},
        ["agents W310 sales:"],
        "does not serve it",
    ),
    (
        "a language by its name",
        {"agents": AGENTS + "    languages: [en, Vietnamese]\n"},
        ["agents E205 Vietnamese]"],
        "no language",
    ),
    (
        "an unknown medium",
        {"agents": AGENTS + "    media: [voice, chatt]\n"},
        ["agents E319 chatt]"],
        "did you mean `chat`?",
    ),
    (
        "an interruption by an unknown medium",
        {"agents": "media:\n  mail: {interrupted_by: [voise]}\n" + AGENTS},
        ["agents E319 voise]}"],
        "did you mean `voice`?",
    ),
    (
        "a medium heavier than everybody's capacity",
        {"agents": "media:\n  chat: {weight: 200}\n" + AGENTS},
        ["agents W313 200}"],
        "only who has nothing to do",
    ),
    (
        "a reason behind the pause code that there is not",
        {"agents": "pause_reasons: {break: {}, luch: {}}\n" + AGENTS},
        ["main E322 lunch}"],
        "did you mean `luch`?",
    ),
    (
        "a pause code that alone would be refused",
        {"agents": "pause_reasons: {lunch: {}}\n" + AGENTS},
        ['main W312 "*13"'],
        "alone pauses for `break`",
    ),
]


@pytest.mark.parametrize(
    ("files", "expected", "words"), [case[1:] for case in AROUND], ids=[case[0] for case in AROUND]
)
def test_what_does_not_fit_together_is_told_at_its_place(
    write: Write, files: dict[str, str], expected: list[str], words: str
) -> None:
    site, problems = load(write(**files))
    assert_pointed(problems, expected)
    assert words in problems[0].message
    assert (site is None) == (" E" in expected[0])


def test_an_owner_whom_a_flow_names_is_waited_for(write: Write) -> None:
    flow = FLOW.replace("queue: support", "queue: support\n    owner: an")
    assert load(write(queues("sticky: {to: owner}"), flow=flow))[1] == []


def test_a_heavy_medium_that_nobody_is_to_take_is_nobodys_concern(write: Write) -> None:
    agents = "media:\n  video: {weight: 200}\n" + AGENTS
    assert load(write(agents=agents))[1] == []
