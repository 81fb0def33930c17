"""The images' files and the compose file, as far as they can be judged without a container engine:
what is published, what is secret, what is pinned; and the rendering that Asterisk's image does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from engine import settings
from engine.asterisk import render
from engine.asterisk.templates import TemplateError

TOP = Path(__file__).resolve().parents[2]
DOCKER = TOP / "docker"
GIVEN = {
    "ASTERISK_ARI_PASSWORD": "first-password",
    "ASTERISK_AMI_SECRET": "second-password",
    "ASTERISK_PUBLIC_ADDRESS": "203.0.113.5",
    "ASTERISK_TRUNK_ADDRESSES": "198.51.100.7,198.51.100.8",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(DOCKER / "compose.yaml")
    return loaded


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def dockerfiles() -> list[Path]:
    return sorted(DOCKER.glob("Dockerfile.*"))


def test_a_center_is_asterisk_engine_and_database(services: dict[str, Any]) -> None:
    assert set(services) == {"asterisk", "engine", "postgres", "prompts"}


def test_every_image_is_of_a_named_version(services: dict[str, Any]) -> None:
    for service in services.values():
        name, _, tag = service["image"].rpartition(":")
        assert name
        assert tag != "latest"
    for file in dockerfiles():
        for base in re.findall(r"^FROM (\S+)", file.read_text(), re.MULTILINE):
            assert re.fullmatch(r"debian:[a-z]+-slim", base)


def test_every_service_that_stays_says_whether_it_is_well(services: dict[str, Any]) -> None:
    for name in ("asterisk", "engine", "postgres"):
        assert services[name]["healthcheck"]["test"][0] == "CMD"
        assert services[name]["restart"] == "unless-stopped"


def test_only_sip_rtp_and_the_api_on_loopback_are_published(services: dict[str, Any]) -> None:
    published = {name: service.get("ports", []) for name, service in services.items()}
    assert published == {
        "asterisk": ["5060:5060/udp", "10000-10199:10000-10199/udp"],
        "engine": ["127.0.0.1:8080:8080"],
        "postgres": [],
        "prompts": [],
    }


def test_nothing_but_asterisk_and_the_engine_reaches_ari_and_ami(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    assert compose["networks"]["control"]["internal"] is True
    on_control = {n for n, s in services.items() if "control" in s.get("networks", {})}
    assert on_control == {"asterisk", "engine"}
    asterisk, engine = (
        services[name]["networks"]["control"]["ipv4_address"] for name in ("asterisk", "engine")
    )
    heard = services["asterisk"]["environment"]
    assert heard["ASTERISK_CONTROL_ADDRESS"] == asterisk
    assert heard["ASTERISK_ENGINE_NETWORK"] == f"{engine}/32"
    assert services["engine"]["environment"]["TONGDAI_ARI_URL"] == f"http://{asterisk}:8088"
    assert services["engine"]["environment"]["TONGDAI_AMI_HOST"] == asterisk


def test_the_published_rtp_ports_are_those_asterisk_uses(services: dict[str, Any]) -> None:
    asterisk = services["asterisk"]
    first = asterisk["environment"]["ASTERISK_RTP_START"]
    last = asterisk["environment"]["ASTERISK_RTP_END"]
    assert f"{first}-{last}:{first}-{last}/udp" in asterisk["ports"]


def test_no_secret_stands_in_the_compose_file(services: dict[str, Any]) -> None:
    asked = re.compile(r"(?:postgresql://tongdai:)?\$\{[A-Z_]+:\?set it in \.env\}")
    secrets = [
        value
        for service in services.values()
        for name, value in service.get("environment", {}).items()
        if re.search(r"PASSWORD|SECRET|TOKEN|DATABASE_URL", name)
    ]
    assert len(secrets) == 11
    assert all(asked.match(value) for value in secrets)


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (DOCKER / "compose.yaml").read_text()))
    example = (DOCKER / ".env.example").read_text()
    assert used == set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE))


def test_what_the_containers_are_told_are_settings_that_exist(services: dict[str, Any]) -> None:
    names = set(services["engine"]["environment"])
    names |= set(re.findall(r"\b(TONGDAI_[A-Z_]+)=", (DOCKER / "Dockerfile.engine").read_text()))
    known = {settings.PREFIX + name.upper() for name in settings.Settings.model_fields}
    assert names <= known
    values = render.given(GIVEN)
    told = set(services["asterisk"]["environment"])
    assert {name.removeprefix(render.PREFIX).lower() for name in told} <= values.keys()


def test_recordings_and_prompts_are_under_one_path_for_both(services: dict[str, Any]) -> None:
    asterisk, engine = (
        dict(volume.split(":")[:2] for volume in services[name]["volumes"])
        for name in ("asterisk", "engine")
    )
    shared = {"prompts", "recordings", "witness"}
    assert {name: asterisk[name] for name in shared} == {name: engine[name] for name in shared}


def test_the_containers_do_not_run_as_root() -> None:
    for file in dockerfiles():
        assert re.findall(r"^USER (\S+)", file.read_text(), re.MULTILINE) == ["tongdai"]


def test_what_the_dockerfiles_copy_is_let_through_and_exists() -> None:
    let_through = set(re.findall(r"^!(\S+)", (TOP / ".dockerignore").read_text(), re.MULTILINE))
    for file in dockerfiles():
        copies = re.findall(r"^COPY (?!--from)(.+) \S+$", file.read_text(), re.MULTILINE)
        sources = {source for line in copies for source in line.split()}
        assert sources == let_through
        assert all((TOP / source).exists() for source in sources)


def test_asterisk_of_ones_own_gets_every_file_with_the_values_given(tmp_path: Path) -> None:
    values = render.given(GIVEN)
    for name in ("prompts_dir", "dial_in", "trunk_contact"):
        del values[name]
    made = {"etc_dir": "/etc/asterisk", "modules_dir": "/m", "data_dir": "/d"}
    said = render.said_while_away(tmp_path) | render.dialed_at("sip:198.51.100.7:5060")
    render.write(
        tmp_path, {**values, **made, **said, "entity_id": render.entity_id()}, {"caller1": "s3cret"}
    )
    assert "external_media_address = 203.0.113.5" in (tmp_path / "pjsip.conf").read_text()
    assert "match = 198.51.100.7,198.51.100.8" in (tmp_path / "pjsip_trunks.conf").read_text()
    assert "password = first-password" in (tmp_path / "ari.conf").read_text()
    assert "bindaddr = 127.0.0.1" in (tmp_path / "http.conf").read_text()
    assert "[caller1]" in (tmp_path / "pjsip_dial_in.conf").read_text()
    assert "contact = sip:198.51.100.7:5060" in (tmp_path / "pjsip_trunks.conf").read_text()
    assert (tmp_path / "extensions.conf").exists()


def test_an_operator_finds_what_each_value_is() -> None:
    documented = set(re.findall(r"`([a-z_]+)`", (TOP / "asterisk-config/README.md").read_text()))
    assert set(render.given(GIVEN)) <= documented


def test_an_operator_is_told_which_value_is_missing() -> None:
    with pytest.raises(TemplateError, match="not set: ASTERISK_AMI_SECRET, ASTERISK_ARI_PASSWORD"):
        render.given({"ASTERISK_PUBLIC_ADDRESS": "203.0.113.5", "ASTERISK_TRUNK_ADDRESSES": "a"})


def test_an_operator_is_told_of_a_value_that_means_nothing() -> None:
    with pytest.raises(TemplateError, match="no such value: ASTERISK_SIP_PROT"):
        render.given(GIVEN | {"ASTERISK_SIP_PROT": "5060"})


def test_the_rendering_needs_nothing_but_python(tmp_path: Path) -> None:
    """So Asterisk's image needs no package of ours, and no network to be built from the wheel."""
    told = subprocess.run(
        [sys.executable, "-S", "-m", "engine.asterisk.render", str(tmp_path)],
        cwd=TOP, env={"PATH": str(tmp_path), **GIVEN, "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert told.stderr == "Asterisk's configuration: there is no Asterisk on PATH\n"
    assert told.returncode == 1
