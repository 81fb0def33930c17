"""What an operator is told of numbers that cannot be dialed, before anybody tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialplan.outbound import Outbound, Rule, Trunk
from engine.config.check_asterisk import endpoints
from engine.config.check_trunks import check_trunks, trunks_used, written_endpoints
from engine.config.drafts import SitePaths
from engine.config.site import load
from engine.settings import Settings

AGENTS = 'agents:\n  an: {extension: "3001", queues: [support]}\n'
FLOW = (
    "flow: main\nstart: bye\nprompts:\n  bye: {en: Bye.}\n"
    "nodes:\n  bye: {type: hangup, prompts: [bye]}\n"
)
OUTBOUND = """\
outbound:
  caller_id: "19001000"
  trunk: main
  numbers:
    "+84.": {}
"""


def site(folder: Path, outbound: str = OUTBOUND, queue: str = "{}") -> SitePaths:
    """A site of one queue, with this `outbound`."""
    for name in ("routes", "flows"):
        (folder / name).mkdir()
    (folder / "agents.yaml").write_text(AGENTS)
    (folder / "queues.yaml").write_text(f"queues:\n  support: {queue}\n")
    (folder / "routes/main.yaml").write_text(f'numbers:\n  "1900": {{flow: main}}\n{outbound}')
    (folder / "flows/main.yaml").write_text(FLOW)
    return SitePaths(
        folder / "agents.yaml", folder / "queues.yaml", folder / "routes", folder / "flows"
    )


def codes(paths_: SitePaths) -> list[str]:
    _, problems = load(paths_)
    return [problem.code for problem in problems if problem.code[1:] >= "2"]


def test_a_site_says_who_may_be_called(tmp_path: Path) -> None:
    loaded, problems = load(site(tmp_path))
    assert loaded is not None, problems
    assert loaded.outbound.way("0901234567").trunk == "main"


def test_without_a_word_nobody_is_called(tmp_path: Path) -> None:
    loaded, problems = load(site(tmp_path, outbound=""))
    assert loaded is not None, problems
    assert not loaded.outbound.allows("0901234567")


@pytest.mark.parametrize(
    ("outbound", "code"),
    [
        (OUTBOUND + "    anna: {}\n", "E205"),
        (OUTBOUND + '    "+84 .": {}\n', "E306"),
        (OUTBOUND + "  trunks:\n    other: {dial_as: digits}\n", "W320"),
        (OUTBOUND.replace("  trunk: main\n", ""), "E209"),
    ],
)
def test_a_slip_in_the_numbers_is_named(tmp_path: Path, outbound: str, code: str) -> None:
    assert codes(site(tmp_path, outbound)) == [code]


def test_a_queue_that_calls_back_needs_numbers_that_may_be_dialed(tmp_path: Path) -> None:
    assert codes(site(tmp_path, "", "{callback: {}}")) == ["E320"]


def test_an_overflow_to_a_number_needs_that_number_to_be_dialed(tmp_path: Path) -> None:
    overflow = '{overflow: [{when: unstaffed, to: {number: "+12015550123"}}]}'
    assert codes(site(tmp_path, OUTBOUND, overflow)) == ["E321"]


def test_a_trunk_that_asterisk_does_not_have_is_told(tmp_path: Path) -> None:
    outbound = Outbound({"+84.": Rule(Trunk("trunk")), "+1.": Rule(Trunk("viettel"))})
    [problem] = check_trunks(dict(trunks_used(outbound, ())), written_endpoints(tmp_path))
    assert problem.code == "W405"
    assert "viettel" in problem.message
    assert str(tmp_path / "pjsip_own.conf") in problem.hint


OWN_CARRIERS = """[carriers](!,leg)
context = from-trunk

[viettel](carriers)
aors = viettel

[mobifone] ; without our template
type=endpoint

[vinaphone]
type = aor
contact = sip:192.0.2.7

[trunk](+)
device_state_busy_at = 3
"""


def test_a_private_asterisk_has_the_carriers_that_its_owner_added(tmp_path: Path) -> None:
    (tmp_path / "pjsip_own.conf").write_text(OWN_CARRIERS)
    assert written_endpoints(tmp_path).names == {"trunk", "viettel", "mobifone"}


async def test_check_looks_for_carriers_where_a_private_center_has_them(tmp_path: Path) -> None:
    private = Settings(state_dir=tmp_path)
    (private.asterisk_dir / "etc").mkdir(parents=True)
    (private.asterisk_dir / "etc" / "pjsip_own.conf").write_text(OWN_CARRIERS)
    there = await endpoints(private)
    assert there is not None
    assert "viettel" in there.names
