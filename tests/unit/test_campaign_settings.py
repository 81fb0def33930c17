"""Campaigns as they are written: read with the site, and changed while the engine runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from written_site import QUEUES, ROUTES, write_site

from dialer.dispositions import Disposition
from dialer.plan import Mode, Recycle
from dialer.trunks import TrunkLimits
from dialplan.outbound import Outbound
from engine import paths
from engine.config.campaign_changes import (
    Change,
    Changes,
    changed,
    merged,
    read_changes,
    reverted,
    write_changes,
)
from engine.config.campaigns_in_force import with_changes
from engine.config.check_trunks import check_trunks, trunks_used, written_endpoints
from engine.config.drafts import SitePaths
from engine.config.site import Site, load
from engine.settings import Settings

OUTBOUND = """\
outbound:
  caller_id: "19001000"
  trunk: main
  numbers:
    "+84.": {}
"""
CAMPAIGNS = """\
campaigns:
  renewals:
    mode: progressive
    rules: [vn]
    purpose: service
    queue: support
    lists: [{list: march, share: 3}, april]
    caller_ids: "19001000"
    trunks: [main, {trunk: spare, channels: 5}]
    recycle: {busy: {seconds: 60, times: 2}}
  by_hand:
    mode: manual
    rules: [vn]
    purpose: service
    queue: sales
    lists: [april]
trunks:
  main: {calls_per_second: 2, channels: 20}
rules:
  ours: {regions: [VN], hours: {daily: "09:00-10:00"}}
do_not_call:
  partners: {max_age_days: 7}
"""
ANSWERING = QUEUES.replace("ring_seconds: 15", "offer_mode: auto_answer")
PROMPTS = "prompts:\n  dialer_dropped: {en: Sorry., vi: Xin lỗi.}\n"


def written(folder: Path, campaigns: str = CAMPAIGNS, **more: str) -> SitePaths:
    """A site with these campaigns."""
    files = {"queues": ANSWERING, "routes": ROUTES + OUTBOUND, "flows__prompts": PROMPTS} | more
    (folder / "campaigns.yaml").write_text(campaigns, encoding="utf-8")
    changes = folder / "changes.json"
    site = write_site(folder, **files)
    return replace(site, campaigns_file=folder / "campaigns.yaml", changes_file=changes)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    loaded, problems = load(written(tmp_path))
    assert loaded is not None, problems
    assert problems == []
    return loaded


def change(**settings: object) -> Change:
    return Change(at=1.0, by="linh", why="too many", settings=settings)  # type: ignore[arg-type]


# -- what is written ----------------------------------------------------------------------------


def test_a_campaign_is_read_with_the_site(site: Site) -> None:
    renewals = site.campaigns["renewals"]
    assert (renewals.mode, renewals.name) == (Mode.PROGRESSIVE, "renewals")
    assert [(each.list, each.share) for each in renewals.lists] == [("march", 3), ("april", 1)]
    assert [(use.trunk, use.channels) for use in renewals.trunks] == [("main", None), ("spare", 5)]
    assert renewals.caller_ids is not None
    assert renewals.caller_ids.numbers == ("19001000",)
    assert site.rules["ours"].regions == ("VN",)
    assert site.do_not_call["partners"].max_age_days == 7


def test_after_what_is_not_written_a_lead_is_tried_again_as_usual(site: Site) -> None:
    recycling = site.campaigns["renewals"].recycling()
    assert recycling[Disposition.BUSY.value] == Recycle(60, 2)
    assert recycling[Disposition.NO_ANSWER.value] == Recycle(7200, 4)
    assert Disposition.INVALID.value not in recycling


def test_a_trunk_without_limits_has_the_usual_ones(site: Site) -> None:
    assert site.trunk_limits == {
        "main": TrunkLimits(calls_per_second=2, channels=20),
        "spare": TrunkLimits(),
    }


def test_nobody_need_have_campaigns(tmp_path: Path) -> None:
    loaded, problems = load(replace(written(tmp_path), campaigns_file=None))
    assert loaded is not None, problems
    assert loaded.campaigns == {}


def test_the_shipped_campaigns_are_the_examples_of_every_mode() -> None:
    settings = Settings(state_dir=Path("/nowhere"))
    assert settings.site_paths.campaigns_file == paths.CAMPAIGNS
    loaded, problems = load(settings.site_paths)
    assert problems == []
    assert loaded is not None
    assert {each.mode for each in loaded.campaigns.values()} == set(Mode)
    used = trunks_used(loaded.outbound, loaded.campaigns.values())
    assert check_trunks(dict(used), written_endpoints(settings.asterisk_dir)) == []


def test_a_center_of_ones_own_has_its_campaigns_beside_its_queues(tmp_path: Path) -> None:
    queues = tmp_path / "queues.yaml"
    own = Settings(queues_file=queues)
    assert own.site_paths.campaigns_file is None
    (tmp_path / "campaigns.yaml").write_text("campaigns: {}\n")
    assert own.site_paths.campaigns_file == tmp_path / "campaigns.yaml"


def test_a_file_of_campaigns_that_is_named_must_be_there(tmp_path: Path) -> None:
    named = Settings(campaigns_file=tmp_path / "gone.yaml").site_paths
    assert [problem.code for problem in load(named)[1]] == ["E101"]


def test_a_trunk_that_asterisk_does_not_have_is_named(site: Site, tmp_path: Path) -> None:
    (tmp_path / "pjsip_trunks.conf").write_text("[main](leg)\n")
    used = dict(trunks_used(Outbound({}), site.campaigns.values()))
    [problem] = check_trunks(used, written_endpoints(tmp_path, tmp_path))
    assert problem.code == "W405"
    assert "[spare]" in problem.message
    assert "`renewals`" in problem.message


# -- what is changed while it runs --------------------------------------------------------------


def test_a_change_is_put_over_what_the_file_says(site: Site) -> None:
    changes: Changes = {"renewals": (change(channels=20, attempts={"most": 4}),)}
    other, problems = with_changes(site, changes)
    assert problems == []
    assert other is not None
    renewals = other.campaigns["renewals"]
    assert (renewals.channels, renewals.attempts.most, renewals.attempts.per_day) == (20, 4, 3)
    assert renewals.lists == site.campaigns["renewals"].lists
    assert other.campaigns["by_hand"] == site.campaigns["by_hand"]


def test_what_is_changed_to_nothing_is_as_if_it_were_not_written() -> None:
    renewals = {"recycle": {"busy": {"seconds": "60"}}, "channels": "20"}
    patch = change(recycle={"busy": None, "rejected": {"seconds": 5}}, channels=None)
    assert merged(renewals, [patch]) == {"recycle": {"rejected": {"seconds": 5}}}


def test_changes_are_taken_back_one_by_one_or_all(site: Site) -> None:
    two = changed(changed({}, "renewals", change(channels=20)), "renewals", change(channels=30))
    once, _ = with_changes(site, two)
    assert once is not None
    back, _ = with_changes(once, reverted(two, "renewals", last=True))
    assert back is not None
    assert back.campaigns["renewals"].channels == 20
    assert reverted(two, "renewals") == {}
    all_back, _ = with_changes(back, {})
    assert all_back is not None
    assert all_back.campaigns == site.campaigns


def test_a_campaign_is_made_and_unmade_while_it_runs(site: Site) -> None:
    settings = {"mode": "manual", "rules": ["vn"], "queue": "sales", "lists": ["may"]}
    made, problems = with_changes(site, {"may": (change(purpose="service", **settings),)})
    assert problems == []
    assert made is not None
    assert made.campaigns["may"].lists[0].list == "may"
    unmade, _ = with_changes(made, {})
    assert unmade is not None
    assert "may" not in unmade.campaigns


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"queue": "suport"}, "there is no queue `suport`; did you mean `support`?"),
        ({"chanels": 3}, "unknown setting `chanels`; did you mean `channels`?"),
        ({"channels": 0}, "`channels` must be at least 1, not `0`"),
        ({"rules": []}, "without rules nobody may be called"),
        ({"rules": ["ours", "xx"]}, "there is no set of rules `xx`"),
        ({"lists": None}, "`lists` is missing"),
        ({"title": "a\x07b"}, "an escape makes a control character"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_told(
    site: Site, settings: dict[str, object], told: str
) -> None:
    other, problems = with_changes(site, {"renewals": (change(**settings),)})
    assert other is None
    assert [each.message[: len(told)] for each in problems] == [told]
    assert problems[0].file == "campaign renewals, as changed by the API"


def test_the_next_start_finds_the_changes_again(tmp_path: Path) -> None:
    written_site = written(tmp_path)
    assert written_site.changes_file is not None
    changes: Changes = {"renewals": (change(channels=20),)}
    write_changes(written_site.changes_file, changes)
    assert read_changes(written_site.changes_file) == (changes, [])
    loaded, problems = load(written_site)
    assert problems == []
    assert loaded is not None
    assert loaded.campaigns["renewals"].channels == 20
    assert loaded.campaign_changes == changes


def test_a_campaign_that_was_changed_and_is_in_no_file_any_more_keeps_nobody_from_starting(
    tmp_path: Path,
) -> None:
    written_site = written(tmp_path)
    assert written_site.changes_file is not None
    changes: Changes = {"summer": (change(channels=20), change(mode="power"))}
    write_changes(written_site.changes_file, changes)
    loaded, problems = load(written_site)
    assert [(each.code, each.message) for each in problems] == [
        ("W333", "campaign `summer` is in no file any more: its changes rest")
    ]
    assert loaded is not None
    assert "summer" not in loaded.campaigns
    taken_back, _ = with_changes(loaded, {})
    assert taken_back is not None
    assert taken_back.campaign_changes == {}


@pytest.mark.parametrize("content", ["{", '{"renewals": [{"at": 1}]}', "[]", "\x00"])
def test_changes_that_cannot_be_read_keep_the_engine_from_starting(
    tmp_path: Path, content: str
) -> None:
    written_site = written(tmp_path)
    assert written_site.changes_file is not None
    written_site.changes_file.write_text(content)
    loaded, problems = load(written_site)
    assert loaded is None
    assert [each.file for each in problems] == [str(written_site.changes_file)]


def test_a_change_that_fits_no_more_is_told_with_the_campaign(tmp_path: Path) -> None:
    written_site = written(tmp_path)
    assert written_site.changes_file is not None
    changes = {"renewals": [json.loads(change(queue="gone").model_dump_json())]}
    written_site.changes_file.write_text(json.dumps(changes))
    loaded, problems = load(written_site)
    assert loaded is None
    assert [(each.code, each.excerpt.strip()) for each in problems] == [
        ("E301", '"queue": "gone",')
    ]
