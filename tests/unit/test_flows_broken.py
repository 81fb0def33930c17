"""Broken flows: each is refused or warned of at its place, in words that help.

Every file of ``broken_flows`` is one flow. What the check must say of it stands in comments like
its own output: a caret under the place in the line above, the words, and the advice behind ``=``.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import cel
import pytest
from typer.testing import CliRunner
from written_site import QUEUES, ROUTES, write_site

from engine.cli.main import app
from engine.config.check import check_holidays
from engine.config.drafts import SitePaths
from engine.config.problems import Problem, has_errors
from engine.config.site import load
from engine.ivr.expressions import ExpressionError, expression, fits

BROKEN = sorted((Path(__file__).parent / "broken_flows").glob("*.yaml"))
MANUAL = Path(__file__).parents[2] / "ivr_flows" / "README.md"

PROMPTS = """\
prompts:
  welcome: {en: Welcome., vi: Xin chào.}
  choose: {en: For sales press 1., vi: Bấm phím 1.}
  recording_notice: {en: This call is recorded., vi: Cuộc gọi được ghi âm.}
  payment_wait: {en: Please wait., vi: Xin chờ.}
  sorry: {en: Something went wrong., vi: Có lỗi.}
  goodbye: {en: Good-bye., vi: Tạm biệt.}
"""
CHECK_ORDER = """\
flow: check_order
params: {order: {as: text}}
start: which
nodes:
  which: {type: if, when: order == "1", then: good, else: strange}
  good: {type: return, as: ok, values: {state: "'sent'"}}
  strange: {type: return, as: unknown}
"""
AGAIN = """\
flow: again
start: into
nodes:
  into: {type: flow, flow: main, next: back}
  back: {type: return}
"""

_SAID = re.compile(r"#( *)\^ (\w+)\[([EW]\d+)\] (.*)")
_ADVICE = re.compile(r"# *= (.*)")


class Told(NamedTuple):
    """What is said of one place."""

    line: int
    column: int
    level: str
    code: str
    message: str
    hint: str = ""


def expected(text: str) -> list[Told]:
    """What the comments of a broken flow say."""
    told: list[Told] = []
    line = 0
    for number, written in enumerate(text.splitlines(), 1):
        if said := _SAID.fullmatch(written):
            told.append(Told(line, len(said[1]) + 2, *said.groups()[1:]))
        elif advice := _ADVICE.fullmatch(written):
            told[-1] = told[-1]._replace(hint=advice[1])
        else:
            line = number
    return told


def site_with(folder: Path, flow: str) -> SitePaths:
    """A site around this flow: prompts, other flows, a queue that closes, one secret, systems."""
    paths = write_site(
        folder,
        queues=QUEUES + "  evening: {calendar: office}\n",
        flow=flow,
        flows__common=PROMPTS,
        flows__check_order=CHECK_ORDER,
        flows__again=AGAIN,
    )
    return dataclasses.replace(
        paths, secrets=frozenset({"CRM_KEY"}), systems=frozenset({"crm", "pay"})
    )


def told_of(paths: SitePaths) -> list[Problem]:
    """The problems of the flow itself."""
    site, problems = load(paths)
    assert (site is None) == has_errors(problems)
    return [one for one in problems if Path(one.file) == paths.flows_dir / "main.yaml"]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_flow_is_told_with_its_place_its_words_and_advice(
    file: Path, tmp_path: Path
) -> None:
    text = file.read_text(encoding="utf-8")
    problems = told_of(site_with(tmp_path, text))
    found = [
        Told(
            one.line,
            one.column,
            str(one.level),
            one.code,
            one.message.replace(f"{tmp_path}/", ""),
            one.hint,
        )
        for one in problems
    ]
    assert found == expected(text)
    assert found, "nothing is wrong with it"
    for problem in problems:
        _, line, caret, *_ = problem.render().splitlines()
        assert caret == f"    | {' ' * (problem.column - 1)}^"
        shown = line.removeprefix("    | ").partition("***")[0]
        assert shown in text.splitlines()[problem.line - 1]


def test_every_finding_of_the_manual_has_its_broken_flow() -> None:
    in_manual = set(re.findall(r"\b[EW]6\d\d\b", MANUAL.read_text(encoding="utf-8")))
    shown = {told.code for file in BROKEN for told in expected(file.read_text(encoding="utf-8"))}
    assert in_manual - shown == set()
    assert {code for code in shown if code[1] == "6"} - in_manual == set()


def test_the_site_around_the_broken_flows_is_sound(tmp_path: Path) -> None:
    flow = """\
flow: main
start: ask
nodes:
  ask:
    type: menu
    prompts: [welcome, choose]
    keys: {"1": line}
    noinput: line
    nomatch: line
  line: {type: queue, queue: support, timeout: bye, full: bye, no_agents: bye}
  bye: {type: hangup, prompts: goodbye}
"""
    assert told_of(site_with(tmp_path, flow)) == []


def test_a_comment_or_a_text_that_looks_like_the_key_hash_is_none(tmp_path: Path) -> None:
    flow = """\
flow: main
#: the menu of the day
start: ask
nodes:
  #: sales
  ask:
    type: menu
    prompts: [welcome, choose]
    keys:
      #: see the manual
      "1": line
  #: sales
      "2":
        #: as they call it themselves
        to: note
    #: noinput
    noinput: line
    nomatch: line
  note:
    type: goto
    note: |
        what our author had in mind was
        #: line
    to: line
  line: {type: queue, queue: support, timeout: bye, full: bye, no_agents: bye}
  bye: {type: hangup, prompts: goodbye}
"""
    assert told_of(site_with(tmp_path, flow)) == []


# -- at the terminal -----------------------------------------------------------------------------


@pytest.fixture
def flow_check(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Runs `tongdai flow check` on a site around a broken flow: its exit code and its output."""

    def run(name: str, *options: str) -> tuple[int, str]:
        (file,) = [each for each in BROKEN if each.stem == name]
        paths = site_with(tmp_path, file.read_text(encoding="utf-8"))
        environ = {
            "TONGDAI_STATE_DIR": str(tmp_path / "state"),
            "TONGDAI_AGENTS_FILE": str(paths.agents_file),
            "TONGDAI_QUEUES_FILE": str(paths.queues_file),
            "TONGDAI_ROUTES_DIR": str(paths.routes_dir),
            "TONGDAI_FLOWS_DIR": str(paths.flows_dir),
            "TONGDAI_SYSTEMS": "crm=https://crm.example.com,pay=https://pay.example.com",
        }
        result = CliRunner().invoke(app, ["flow", "check", "main", *options], env=environ)
        return result.exit_code, result.output

    return run


def test_a_mistake_in_a_flow_is_not_told_once_more_of_the_flow_that_calls_it(
    tmp_path: Path,
) -> None:
    flow = "flow: main\nstart: bye\nnodes:\n  bye: {type: hangup, promts: goodbye}\n"
    _, problems = load(site_with(tmp_path, flow))
    assert [(Path(one.file).name, one.code) for one in problems] == [("main.yaml", "E201")]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Đặt lịch", "dat_lich"), ("Good Bye!", "good_bye"), ("2nd-Line", "nd_line"), ("預約", "")],
)
def test_who_writes_a_name_that_is_none_is_told_one_that_is(
    written: str, meant: str, tmp_path: Path
) -> None:
    flow = f"flow: main\nstart: bye\nnodes:\n  bye: {{type: goto, to: {written}}}\n"
    (told,) = told_of(site_with(tmp_path, flow))
    assert told.hint == (f"write `{meant}`" if meant else "")


def test_a_program_is_told_of_a_broken_flow_as_json(
    flow_check: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    code, output = flow_check("no_such_queue", "--json")
    assert code == 1
    assert json.loads(output) == [
        {
            "file": str(tmp_path / "flows" / "main.yaml"),
            "line": 4,
            "column": 30,
            "level": "error",
            "code": "E604",
            "message": "there is no queue `suport`",
            "hint": "did you mean `support`?",
        }
    ]


def test_a_warning_lets_a_flow_through(flow_check: Callable[..., tuple[int, str]]) -> None:
    code, output = flow_check("too_many_choices", "--json")
    assert code == 0
    assert [one["code"] for one in json.loads(output)] == ["W604"]


def test_an_author_is_told_with_the_line_a_caret_and_advice(
    flow_check: Callable[..., tuple[int, str]],
) -> None:
    code, output = flow_check("nothing_sets_the_variable")
    assert code == 1
    assert "main.yaml:5:44: error[E612] nothing in this flow sets `teir`" in output
    assert f"    | {' ' * 43}^\n    = did you mean `tier`?\n" in output


def test_a_secret_that_was_written_in_clear_is_not_written_once_more(
    flow_check: Callable[..., tuple[int, str]],
) -> None:
    for options in ([], ["--json"], ["--github"]):
        code, output = flow_check("secret_in_clear", *options)
        assert code == 1
        assert "E614" in output
        assert "eyJhbGci" not in output


# -- beside the flows ----------------------------------------------------------------------------


def test_a_calendar_without_the_coming_years_holidays_is_told_before_that_year(
    tmp_path: Path,
) -> None:
    holidays = "    holidays:\n      - {date: 2027-01-01, name: {en: New Year}}\nfeatures:"
    site, _ = load(write_site(tmp_path, routes=ROUTES.replace("features:", holidays)))
    assert site is not None
    now = datetime(2027, 10, 1, tzinfo=UTC).timestamp()
    assert check_holidays(site, tmp_path, now) == []
    (problem,) = check_holidays(site, tmp_path, now + 60 * 86_400)
    assert problem.code == "W304"
    assert problem.message == "calendar `office` has no holiday in 2028"
    assert "tongdai calendar holidays vn 2028 --calendar office" in problem.hint


def test_a_recording_that_leads_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    paths = write_site(tmp_path)
    outside = tmp_path / "payroll.wav"
    outside.write_bytes(b"RIFF")
    link = paths.flows_dir / "recordings" / "en" / "bye.wav"
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    site, problems = load(paths)
    assert site is None
    assert [(one.code, one.file) for one in problems] == [("E107", str(link))]


# -- what is wrong with an expression ------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "words", "column"),
    [
        ("tier = 'gold'", "`=` cannot stand here: write `==`", 6),
        ("age => 18", "`=>` cannot stand here: write `>=`", 5),
        ("tier == 'gold' or age > 18", "`or` cannot stand here: write `||`", 16),
        ("(age > 18", "a `)` is missing at the end", 10),
        ("tier in ['a', 'b'", "it breaks off: something is missing at the end", 18),
        ("age >", "it breaks off: something is missing at the end", 6),
        ("customer.", "something is missing here", 10),
        ("tier == “gold”", "`“` is no quote here: write straight ones", 9),
        ("tier == 'gold", "a text has no end: close its quote", 9),
        ("age > 18 ? 'old'", "a `? …` has no `: …`", 1),
        ("if age > 18", "`if` can be no name", 1),
        ("has(customer)", "`has` asks for a field, as in has(customer.phone)", 5),
        ("lower(tier) == 'gold'", "there is no function `lower`", 1),
        ("tier.contain('g')", "there is no function `contain`; did you mean `contains`?", 6),
    ],
)
def test_a_mistake_in_an_expression_is_told_in_plain_words_with_its_column(
    source: str, words: str, column: int
) -> None:
    with pytest.raises(ExpressionError) as caught:
        expression(source)
    assert (str(caught.value), caught.value.column) == (words, column)


@pytest.mark.parametrize("source", ["int(score) < 3", "score.startsWith('1')", "size(score) > 1"])
def test_a_function_of_what_nobody_has_set_says_so(source: str) -> None:
    with pytest.raises(ExpressionError, match="cannot be done with this value: is it null"):
        expression(source).value({"score": None})


# -- refused before any work is done -------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "l.map(a, l.map(b, l.map(c, a + b + c))).size() > 0",
        "l.exists (a, l\n.exists(b, a == b))",
        "l.existsOne(a, l.existsOne(b, a == b))",
        "l.map // (\n(a, l.map // )\n(b, b)) == []",
        r"""r'\' == x || l.map(a, l.map(b, b)) == ['']""",
        """[\"\"\"'\"\"\"].map(a, l.map(b, b)) == ["'"]""",
        "l.map(a, ')' == x ? l.map(b, b) : []) == []",
        " + ".join(["call.hour"] * 50),
    ],
)
def test_an_expression_that_could_take_minutes_is_not_even_compiled(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: str) -> None:
        raise AssertionError("it was compiled")

    monkeypatch.setattr(cel, "compile", never)
    with pytest.raises(ExpressionError, match=r"could take minutes|longer than"):
        expression(source)


def test_a_macro_in_a_text_or_behind_another_is_none_within_another() -> None:
    source = "l.exists(a, a == '.map(') && l.exists(b, b == 'https://x.example') || x == r'\\'"
    assert expression(source).names == {"l", "x"}


def test_a_pattern_of_a_number_is_tried_in_a_time_that_its_length_limits() -> None:
    assert not fits("([0-9]+)+#", "1" * 40)
    assert fits("1|22", "22")
    assert not fits("1|22", "122")
