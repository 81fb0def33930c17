"""Broken campaigns: each is refused or warned of at its place, in words that help.

Every file of ``broken_campaigns`` is one `campaigns.yaml`. What the check must say of it stands in
comments like its own output: a caret under the place in the line above, the words, and the advice
behind ``=``.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from test_flows_broken import Told, expected
from written_site import AGENTS, FLOW, QUEUES, ROUTES, write_site

from engine.config.drafts import SitePaths
from engine.config.problems import Problem, has_errors
from engine.config.site import load

BROKEN = sorted((Path(__file__).parent / "broken_campaigns").glob("*.yaml"))

OUTBOUND = """\
outbound:
  caller_id: "19001000"
  trunk: main
  numbers:
    "+84.": {}
"""
MORE_QUEUES = """\
  outreach:
    offer_mode: auto_answer
    wrap_up: {dispositions: [sale, no_interest]}
  previewed: {offer_mode: preview}
"""
PROMPTS = """\
prompts:
  dialer_dropped: {en: Sorry., vi: Xin lỗi.}
  only_english: {en: Please call us.}
"""


def site_with(folder: Path, campaigns: str) -> SitePaths:
    """A site around these campaigns: queues of each kind, a trunk, prompts."""
    served = "queues: [support, sales, outreach, previewed]"
    paths = write_site(
        folder,
        queues=QUEUES + MORE_QUEUES,
        agents=AGENTS.replace("queues: [support, sales]", served),
        routes=ROUTES + OUTBOUND,
        flow=FLOW,
        flows__prompts=PROMPTS,
    )
    file = folder / "campaigns.yaml"
    file.write_text(campaigns, encoding="utf-8")
    return dataclasses.replace(paths, campaigns_file=file)


def told_of(paths: SitePaths) -> list[Problem]:
    """The problems of the campaigns themselves."""
    site, problems = load(paths)
    assert (site is None) == has_errors(problems)
    return [one for one in problems if one.file == str(paths.campaigns_file)]


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.stem)
def test_a_broken_campaign_is_told_with_its_place_its_words_and_advice(
    file: Path, tmp_path: Path
) -> None:
    text = file.read_text(encoding="utf-8")
    problems = told_of(site_with(tmp_path, text))
    found = [
        Told(p.line, p.column, str(p.level), p.code, p.message.replace(f"{tmp_path}/", ""), p.hint)
        for p in problems
    ]
    assert found == expected(text)
    assert found, "nothing is wrong with it"


def test_where_no_number_may_be_dialed_a_campaign_is_refused(tmp_path: Path) -> None:
    paths = site_with(
        tmp_path,
        "campaigns:\n  one: {mode: manual, rules: [vn], purpose: service, queue: previewed,"
        " lists: [a]}\n",
    )
    (tmp_path / "routes" / "main.yaml").write_text(ROUTES, encoding="utf-8")
    [problem] = told_of(paths)
    assert (problem.code, problem.line) == ("E320", 2)
    assert problem.message == "`one` calls people, and no number may be dialed"
