"""Which Asterisk is taken, how a private one is configured, and what is said when it cannot be."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from engine import paths
from engine.asterisk import debian, install
from engine.asterisk.install import InstallError
from engine.asterisk.port_block import LISTENING, PortBlock, is_free, take
from engine.asterisk.templates import TemplateError, names_in, render, render_all


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No private Asterisk, and none on PATH but what a test puts there."""
    monkeypatch.setenv("TONGDAI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'usr/sbin'}:/usr/bin:/bin")
    return tmp_path / "cache"


def put_asterisk(root: Path, banner: str) -> Path:
    """An Asterisk under ``root`` that can say its version, and nothing else."""
    (root / "lib/asterisk/modules").mkdir(parents=True)
    (root / "lib/asterisk/modules/res_ari.so").touch()
    (root / "share/asterisk/rest-api").mkdir(parents=True)
    program = root / "sbin/asterisk"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{banner}'\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("banner", "version"),
    [
        ("Asterisk 22.10.1", "22.10.1"),
        ("Asterisk 22.10.1~dfsg+~cs6.17.60671434-1\n", "22.10.1~dfsg+~cs6.17.60671434-1"),
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", "22.10.1+dfsg+~cs6.17.60671434-1"),
        ("Asterisk 22.11.0-rc2", "22.11.0-rc2"),
        ("Asterisk 22.11.0", "22.11.0"),
        ("Asterisk 23.4.0", "23.4.0"),
    ],
)
def test_an_operator_may_bring_an_asterisk_that_is_new_enough(banner: str, version: str) -> None:
    assert install.version_of(banner) == version


@pytest.mark.parametrize(
    "banner",
    [
        "Asterisk 22.10.0",
        "Asterisk 20.99.9",
        "Asterisk 22.9.3~dfsg-1",
        "Asterisk 22.11.0-rc1",
        "Asterisk 22.11.0~rc1~dfsg-1",
        "Asterisk UNKNOWN__and_probably_unsupported",
        "Asterisk GIT-22-abcdef",
        "",
    ],
)
def test_an_operator_is_told_that_his_asterisk_cannot_be_used(banner: str) -> None:
    with pytest.raises(InstallError, match=r"22\.10\.1 or later is needed"):
        install.version_of(banner)


def test_an_operator_who_names_his_asterisk_gets_that_one(tmp_path: Path) -> None:
    program = put_asterisk(tmp_path / "opt", "Asterisk 22.12.0")
    put_asterisk(tmp_path / "usr", "Asterisk 22.10.1")
    found = install.find(str(program))
    assert found
    assert (found.version, found.asterisk) == ("22.12.0", (str(program),))
    assert found.modules_dir == tmp_path / "opt/lib/asterisk/modules"
    assert found.data_dir == tmp_path / "opt/share/asterisk"


def test_an_operator_who_names_nothing_gets_the_one_on_his_path(tmp_path: Path) -> None:
    program = put_asterisk(tmp_path / "usr", "Asterisk 22.10.1")
    found = install.find()
    assert found
    assert found.asterisk == (str(program),)
    assert found.prefix is None


def test_an_operator_with_an_old_asterisk_on_his_path_is_given_a_private_one(
    tmp_path: Path,
) -> None:
    put_asterisk(tmp_path / "usr", "Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5")
    assert install.find() is None


def test_an_operator_is_told_what_is_wrong_with_the_asterisk_that_he_named(tmp_path: Path) -> None:
    old = put_asterisk(tmp_path / "old", "Asterisk 18.0.0")
    torn = put_asterisk(tmp_path / "torn", "Asterisk 22.10.1")
    (tmp_path / "torn/lib/asterisk/modules/res_ari.so").unlink()
    (tmp_path / "empty").mkdir()
    for setting, words in (
        (old, "18.0.0 cannot be used"),
        (torn, r"no res_ari\.so"),
        (tmp_path / "empty", "no unpacked Asterisk"),
        (tmp_path / "nowhere", "does not exist"),
    ):
        with pytest.raises(InstallError, match=words):
            install.find(str(setting))


def test_the_mirror_is_debians_own_even_beside_a_third_party_with_its_code_names() -> None:
    uris = """\
'https://packages.example.org/php/dists/bookworm/InRelease' a 0
'http://mirror.example.net/debian-security/dists/bookworm-security/InRelease' b 0
'http://mirror.example.net/debian/dists/bookworm-updates/InRelease' c 0
'http://mirror.example.net/debian/dists/bookworm/InRelease' d 0
'http://mirror.example.net/debian/dists/bookworm/main/binary-amd64/Packages.xz' e 0
"""
    assert debian.mirror_among(uris) == "http://mirror.example.net/debian"


def test_a_mirror_list_of_a_cloud_image_is_a_mirror() -> None:
    uris = "'mirror+file:/etc/apt/mirrors/debian.list/dists/trixie/InRelease' x 0\n"
    assert debian.mirror_among(uris) == "mirror+file:/etc/apt/mirrors/debian.list"


def test_a_machine_that_is_not_debian_has_no_debian_mirror_among_its_sources() -> None:
    assert debian.mirror_among("'http://example.com/ubuntu/dists/noble/InRelease' x 0\n") is None


def test_debians_default_mirror_is_read_from_debootstrap() -> None:
    script = 'DEF_MIRROR="http://mirror.example.org/debian"\nDEF_HTTPS_MIRROR="https://x/debian"\n'
    assert debian.default_mirror(script) == "http://mirror.example.org/debian"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("E: Failed to fetch http://m/ Could not resolve 'm'", "check the network"),
        ("E: You don't have enough free space in /x.", "make room"),
        ("dpkg-deb: error: No space left on device", "make room"),
        ("W: GPG error: NO_PUBKEY 1234\nE: The repository is not signed.", "keyring"),
        ("E: Release file for http://m is not valid yet (invalid for another 3h)", "clock"),
        ("E: Unable to locate package asterisk", "TONGDAI_ASTERISK"),
    ],
)
def test_an_operator_is_told_what_to_do_when_apt_fails(said: str, advice: str) -> None:
    assert advice in debian.explained(said, "http://m/debian")


def test_an_operator_with_a_full_disk_is_told_so_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 5_000_000})
    monkeypatch.setattr(debian.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(InstallError, match="5 MB free"):
        debian.unpack(("asterisk",), tmp_path / "to", tmp_path, lambda what, part: None)


def test_every_placeholder_in_the_shipped_configuration_is_well_formed() -> None:
    for template in [*paths.ASTERISK_TEMPLATES.glob("*.conf"), paths.DIALPLAN_TEMPLATE]:
        text = template.read_text()
        for name in names_in(text):
            text = text.replace(f"@{name}@", "")
        assert "@" not in text.replace("}@${CHANNEL(pjsip,remote_addr)}", "")  # a SIP address


def test_asterisks_own_variables_are_left_alone(tmp_path: Path) -> None:
    template = tmp_path / "extensions.conf"
    template.write_text("same => n,Stasis(@app@,${EXTEN})\n")
    assert render(template, {"app": "tongdai"}) == "same => n,Stasis(tongdai,${EXTEN})\n"


def test_an_operator_is_told_of_a_value_that_is_missing_or_unused(tmp_path: Path) -> None:
    template = tmp_path / "http.conf"
    template.write_text("bindport = @http_port@\n")
    with pytest.raises(TemplateError, match="no value for @http_port@"):
        render_all([template], tmp_path, {})
    with pytest.raises(TemplateError, match="no template uses @https_port@"):
        render_all([template], tmp_path, {"http_port": "1", "https_port": "2"})


@pytest.mark.parametrize("secret", ["", "a\nread = all", "a\x00", "a;b"])
def test_a_value_cannot_smuggle_in_another_setting(tmp_path: Path, secret: str) -> None:
    template = tmp_path / "manager.conf"
    template.write_text("secret = @ami_secret@\n")
    with pytest.raises(TemplateError, match="ami_secret"):
        render(template, {"ami_secret": secret})


def test_no_phone_number_and_no_dialplan_is_in_the_configuration_of_asterisk() -> None:
    for template in paths.ASTERISK_TEMPLATES.glob("*.conf"):
        for line in template.read_text().splitlines():
            setting = line.split(";")[0]
            assert not re.search(r"\+?\d{7,}|^\s*(exten|same)\s*=", setting), f"{template}: {line}"


def test_two_private_asterisks_at_once_get_different_ports() -> None:
    with PortBlock(200) as first, PortBlock(200) as second:
        assert second.first > first.rtp_last or first.first > second.rtp_last
        assert second.rtp_last - second.rtp_first + 1 >= 200
        assert first.rtp_first - first.first == LISTENING


def test_the_ports_of_a_stopped_asterisk_serve_the_next() -> None:
    for _ in range(20):  # more than fit beside each other
        with PortBlock(2000) as block:
            assert is_free(block.first)


def test_a_port_that_is_taken_is_nobody_elses_until_it_is_let_go() -> None:
    with PortBlock(200) as block:
        port = block.first
        claim = take(port)
        assert claim is not None
        assert take(port) is None
        assert is_free(port), "claimed, not bound"
        claim.close()
        with socket.create_server(("127.0.0.1", port)):
            assert take(port) is None
        again = take(port)
        assert again is not None
        again.close()
