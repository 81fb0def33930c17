"""Whether what is written may be put in force: the site's check, and the tests of its flows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from engine.config.check import check_prompts
from engine.config.drafts import SitePaths
from engine.config.flow_tests import failures_of
from engine.config.problems import Problem, has_errors
from engine.config.published import Publications
from engine.config.site import Site, load, load_flows
from engine.ivr.flowset import FlowSet
from engine.settings import Settings


def accepted(paths: SitePaths, region: str) -> tuple[Site | None, list[Problem]]:
    """The site, or ``None`` when a file has an error or a test of a flow fails; and all of that."""
    site, problems = load(paths, region)
    if site is not None:
        problems += failures_of(site, paths.flows_dir)
    return (None if has_errors(problems) else site), problems


def read_in_force(settings: Settings) -> tuple[Site | None, list[Problem]]:
    """What a running engine is to run on: published flows, whose tests were run before, or the
    working ones when they are ``accepted``. ``None`` leaves it with what it has."""
    published = Publications(settings.state_dir).is_published()
    judge = load if published else accepted
    try:
        site, problems = judge(settings.paths_in_force, settings.region)
    except OSError as error:  # a file that went away while it was read
        return None, [Problem.about(error.filename, "E101", str(error), "reload once more")]
    return site, problems + (check_prompts(site, settings) if site else [])


def with_older_flows(site: Site, before: Site, versions: Iterable[str], state_dir: Path) -> Site:
    """The site with those flows of earlier ``versions`` that calls are still in.

    They are taken from the site ``before`` it, or from what was published.
    """
    others = {version for version in versions if version and not site.flow_version(version)}
    found = {one: before.flow_version(one) or _published(one, state_dir) for one in others}
    older = {one: flows for one, flows in found.items() if flows is not None}
    return replace(site, older_flows=older)


def _published(version: str, state_dir: Path) -> FlowSet | None:
    kept = Publications(state_dir).find(version)
    return load_flows(kept.folder) if kept else None
