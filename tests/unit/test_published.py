"""An operator publishes flows, takes them back, and nobody who is in a call notices."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from written_site import FLOW, told, write_site

from engine.config.acceptance import with_older_flows
from engine.config.drafts import SitePaths
from engine.config.published import (
    KEPT,
    ChangedMeanwhile,
    Publications,
    Version,
    content_hash,
    in_force,
)
from engine.config.site import Site, load

OTHER = FLOW.replace("Good-bye.", "See you.")


@pytest.fixture
def paths(tmp_path: Path) -> SitePaths:
    """A site with a recording and a test beside its flow."""
    paths = write_site(tmp_path)
    recording = paths.flows_dir / "recordings" / "en" / "bye.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(b"RIFF")
    (paths.flows_dir / "main.test.yaml").write_text("[]\n")
    return paths


@pytest.fixture
def publications(tmp_path: Path) -> Publications:
    return Publications(tmp_path / "state")


def add(publications: Publications, paths: SitePaths, note: str = "") -> Version:
    """The working files as the next version."""
    made = publications.add(paths.flows_dir, content_hash(paths.flows_dir), "mai", note)
    publications.put_in_force(made)
    return made


def site_of(paths: SitePaths) -> Site:
    site, problems = load(paths)
    assert site is not None, problems
    return site


def test_while_nothing_is_published_the_working_files_are_in_force(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    assert in_force(paths, tmp_path / "state") == paths
    assert (publications.versions(), publications.current()) == ([], None)
    assert not (tmp_path / "state").exists()


def test_a_version_is_the_whole_set_and_says_who_when_and_why(
    paths: SitePaths, publications: Publications
) -> None:
    made = add(publications, paths, "closing time\nis later")
    assert publications.current() == made
    assert (made.number, made.by, made.note) == (1, "mai", "closing time is later")
    assert made.version == content_hash(made.folder) == content_hash(paths.flows_dir)
    copied = {str(file.relative_to(made.folder)) for file in made.folder.rglob("*.*")}
    assert copied == {"main.yaml", "main.test.yaml", "recordings/en/bye.wav"}


def test_what_is_written_after_the_publication_is_not_in_force(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    made = add(publications, paths)
    (paths.flows_dir / "main.yaml").write_text(OTHER)
    site = site_of(in_force(paths, tmp_path / "state"))
    assert site.prompts["bye"] == {"en": "Good-bye."}
    assert site.flow_set.version == made.version != content_hash(paths.flows_dir)
    assert site.recordings_dir == made.folder / "recordings"


def test_the_hash_names_flows_recordings_and_tests_and_nothing_else(paths: SitePaths) -> None:
    flows = paths.flows_dir
    first = content_hash(flows)
    (flows / "notes.txt").write_text("not ours")
    assert content_hash(flows) == first
    for file in ("main.yaml", "main.test.yaml", "recordings/en/bye.wav"):
        before = content_hash(flows)
        (flows / file).write_text((flows / file).read_text() + "\n")
        assert content_hash(flows) != before
    before = content_hash(flows)
    (flows / "main.yaml").rename(flows / "other.yaml")
    assert content_hash(flows) != before


def test_what_changes_while_it_is_published_is_not_published(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    with pytest.raises(ChangedMeanwhile):
        publications.add(paths.flows_dir, "000000000000", "mai", "")
    assert publications.versions() == []
    assert [path.name for path in (tmp_path / "state" / "flows").iterdir()] == [".lock"]


def test_a_version_is_found_by_its_number_and_by_its_hash(
    paths: SitePaths, publications: Publications
) -> None:
    first = add(publications, paths)
    (paths.flows_dir / "main.yaml").write_text(OTHER)
    second = add(publications, paths)
    assert publications.find("1") == publications.find(first.version[:6]) == first
    assert publications.find("2") == second
    assert publications.find("3") is None
    assert publications.before(second) == first
    assert publications.before(first) is None


def test_an_earlier_version_is_in_force_again_in_one_step(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    first = add(publications, paths)
    (paths.flows_dir / "main.yaml").write_text(OTHER)
    add(publications, paths)
    publications.put_in_force(first)
    assert publications.current() == first
    assert site_of(in_force(paths, tmp_path / "state")).prompts["bye"] == {"en": "Good-bye."}
    publications.put_in_force(None)
    assert site_of(in_force(paths, tmp_path / "state")).prompts["bye"] == {"en": "See you."}


@dataclass
class Disk:
    """What a power cut would leave: ``safe`` is on the disk, and each renaming tells what of it was
    not yet there then."""

    safe: set[Path] = field(default_factory=set)
    lost: list[Path] = field(default_factory=list)

    def sync(self, descriptor: int) -> None:
        self.safe.add(Path(os.readlink(f"/proc/self/fd/{descriptor}")))

    def named(self, source: Path, target: Path) -> None:
        """``source`` is to be found at ``target``, in a folder that is changed by that."""
        there = source.resolve()
        self.lost += [path for path in (there, *there.rglob("*")) if path not in self.safe]
        moved = {path for path in self.safe if path.is_relative_to(source)}
        self.safe |= {target / path.relative_to(source) for path in moved}
        self.safe.discard(target.parent)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk from now on; a renaming itself happens as ever."""
    disk = Disk()

    def watched(do: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def rename(source: Path, target: Path) -> Path:
            disk.named(source, target)
            return do(source, target)

        return rename

    monkeypatch.setattr(os, "fsync", disk.sync)
    monkeypatch.setattr(Path, "rename", watched(Path.rename))
    monkeypatch.setattr(Path, "replace", watched(Path.replace))
    return disk


def test_a_power_cut_while_flows_are_published_leaves_the_old_ones_or_the_new_ones(
    paths: SitePaths, tmp_path: Path, disk: Disk
) -> None:
    publications = Publications(tmp_path / "state")
    made = publications.add(paths.flows_dir, content_hash(paths.flows_dir), "mai", "")
    assert disk.lost == []
    assert publications.link.parent in disk.safe
    publications.put_in_force(made)
    assert disk.lost == []
    assert publications.link.parent in disk.safe
    disk.safe.clear()
    publications.put_in_force(None)
    assert publications.link.parent in disk.safe


def test_old_versions_go_but_never_the_one_in_force_nor_those_of_live_calls(
    paths: SitePaths, publications: Publications
) -> None:
    made = []
    for number in range(KEPT + 4):
        (paths.flows_dir / "main.yaml").write_text(FLOW.replace("bye.", f"bye {number}."))
        made.append(add(publications, paths))
    publications.put_in_force(made[0])
    gone = publications.prune({made[2].version})
    assert [one.number for one in gone] == [2, 4]
    assert len(publications.versions()) == KEPT + 2
    assert publications.versions()[0] == made[0]


def test_a_damaged_version_is_told_and_never_replaced_by_working_files(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    made = add(publications, paths)
    (made.folder / "main.yaml").unlink()
    site, problems = load(in_force(paths, tmp_path / "state"))
    assert site is None
    assert told(problems)[0].endswith("E101")


def test_who_may_not_look_does_not_take_the_working_files_for_what_is_in_force(
    paths: SitePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", forbidden)
    assert in_force(paths, tmp_path / "state") != paths


def test_a_call_goes_on_in_the_flows_it_began_with(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    add(publications, paths)
    before = site_of(paths)
    (paths.flows_dir / "main.yaml").write_text(OTHER)
    after = site_of(paths)
    pinned = with_older_flows(after, before, {before.flow_set.version}, tmp_path / "state")
    assert pinned.flow_version(before.flow_set.version) is before.flow_set
    assert pinned.flow_version(after.flow_set.version) is after.flow_set
    assert pinned.flow_version("nobody knows") is None
    over = with_older_flows(after, pinned, set(), tmp_path / "state")
    assert over.older_flows == {}


def test_after_a_crash_a_call_finds_its_published_flows_even_if_its_queue_is_gone(
    paths: SitePaths, tmp_path: Path, publications: Publications
) -> None:
    first = add(publications, paths)
    gone = FLOW.replace("queue: support", "queue: sales")
    (paths.flows_dir / "main.yaml").write_text(gone)
    queues = paths.queues_file.read_text().replace("support", "help")
    paths.queues_file.write_text(queues)
    agents = paths.agents_file.read_text().replace("support", "help")
    paths.agents_file.write_text(agents)
    routes = (paths.routes_dir / "main.yaml").read_text().replace("support", "help")
    (paths.routes_dir / "main.yaml").write_text(routes)
    now = site_of(paths)
    taken_up = with_older_flows(now, now, {first.version}, tmp_path / "state")
    flows = taken_up.flow_version(first.version)
    assert flows is not None
    assert flows.version == first.version
    assert list(flows.flows) == ["main"]


def test_a_recording_that_leads_out_of_the_folder_is_refused(
    paths: SitePaths, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"not for callers")
    (paths.flows_dir / "recordings" / "en" / "welcome.wav").symlink_to(secret)
    site, problems = load(paths)
    assert site is None
    [problem] = [one for one in problems if one.code == "E107"]
    assert problem.message.endswith(f"to {secret}")
    assert problem.file.endswith("recordings/en/welcome.wav")


def test_a_link_within_the_folder_is_a_recording(paths: SitePaths) -> None:
    (paths.flows_dir / "recordings" / "en" / "hello.wav").symlink_to("bye.wav")
    assert site_of(paths).prompts["hello"] == {"en": ""}


def test_a_folder_that_is_not_there_is_told_and_has_no_version(paths: SitePaths) -> None:
    site, problems = load(replace(paths, flows_dir=paths.flows_dir / "nowhere"))
    assert site is None
    assert "E101" in told(problems)[0]
    assert content_hash(paths.flows_dir / "nowhere") == ""


def test_two_who_publish_at_once_get_two_numbers(
    paths: SitePaths, publications: Publications
) -> None:
    other = Publications(publications.link.parent.parent)
    numbers = [add(one, paths).number for one in (publications, other, publications)]
    assert numbers == [1, 2, 3]
    assert os.readlink(publications.link).startswith("3-")
