"""Debian packages as an ordinary user: fetched and checked by apt, unpacked beside the system.

apt-get runs with a state of its own: an empty list of installed packages, one source, one
architecture. The machine's own settings of proxy and certificates stay in force; signatures are
always checked, whatever those settings say.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

Report = Callable[[str, float | None], None]
"""Called with what is being done and the part of it that is done (0 to 1), or ``None`` for a note
that the user should read."""

SUITES = ("forky", "sid")
"""Where Debian has Asterisk 22, the steadier first."""

_ADVICE = "Or install Asterisk 22.10.1 or later yourself and put its path into TONGDAI_ASTERISK."
_KEYRINGS = (
    "usr/share/keyrings/debian-archive-keyring.pgp",
    "usr/share/keyrings/debian-archive-keyring.gpg",
)
_NEEDED_MEGABYTES = 900
_SETTINGS = """\
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Default-Release "";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Get::Assume-Yes "true";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "root";
APT::Status-Fd "1";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
Dir::State "{root}";
Dir::State::lists "{root}/lists";
Dir::State::status "{root}/status";
Dir::Cache "{root}";
Dir::Cache::archives "{root}/archives";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"""


class InstallError(Exception):
    """Asterisk cannot be found or made: says what is wrong and what to do about it."""


class _AptError(Exception):
    """apt-get failed; the text is what it said."""


class _Apt:
    """apt-get with a state of its own in ``root``; with the machine's sources unless given one."""

    def __init__(self, root: Path, source: str | None = None) -> None:
        self.archives = root / "archives"
        for folder in (root / "lists" / "partial", self.archives / "partial"):
            folder.mkdir(parents=True)
        (root / "status").touch()
        settings = _SETTINGS.format(root=root, architecture=architecture())
        if source is not None:
            (root / "sources.list").write_text(source)
            settings += f'Dir::Etc::sourcelist "{root}/sources.list";\n'
            settings += 'Dir::Etc::sourceparts "/dev/null";\n'
            settings += 'Acquire::Check-Date "true";\nAcquire::Check-Valid-Until "true";\n'
        self._root = root
        self._settings = root / "apt.conf"
        self._settings.write_text(settings)

    def run(self, *arguments: str, report: Callable[[float], None] | None = None) -> str:
        """What apt-get printed; ``report`` hears the part (0 to 1) that is downloaded."""
        output = []
        with subprocess.Popen(
            ["apt-get", "-q", "-c", str(self._settings), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=self._root,
            env=os.environ | {"LC_ALL": "C"},
        ) as apt:
            assert apt.stdout is not None
            for line in apt.stdout:
                if not line.startswith("dlstatus:"):
                    output.append(line)
                elif report:
                    report(float(line.split(":")[2]) / 100)
        if apt.returncode:
            raise _AptError("".join(output))
        return "".join(output)


def architecture() -> str:
    """Debian's name of this machine's kind, such as amd64 or arm64."""
    for tool in ("apt-get", "dpkg-deb", "dpkg"):
        if not shutil.which(tool):
            raise InstallError(
                f"{tool} is not here: a private Asterisk can be made on Debian 12 and 13 and on "
                f"Ubuntu 24.04 only. {_ADVICE}"
            )
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    )
    return asked.stdout.strip()


def unpack(packages: Sequence[str], target: Path, work: Path, report: Report) -> None:
    """Fill ``target`` with ``packages`` and all they need. ``work`` is an empty scratch folder."""
    free = shutil.disk_usage(work).free // 1_000_000
    if free < _NEEDED_MEGABYTES:
        raise InstallError(
            f"{work.parent} has {free} MB free, a private Asterisk needs {_NEEDED_MEGABYTES} MB "
            "for a while: make room, or choose another folder with TONGDAI_CACHE."
        )
    try:
        mirror, keyring = _debian(work, report)
    except _AptError as error:
        raise InstallError(explained(str(error), "this machine's own apt sources")) from error
    try:
        _extract(_download(packages, mirror, keyring, work, report), target, report)
    except _AptError as error:
        raise InstallError(explained(str(error), mirror)) from error


def _debian(work: Path, report: Report) -> tuple[str, Path]:
    """Debian's mirror and the keyring that its signatures are checked with.

    On Debian both are the machine's own. Elsewhere they come out of two packages of the machine's
    own distribution, which its apt has checked.
    """
    chosen = os.environ.get("TONGDAI_DEBIAN_MIRROR")
    installed = [Path("/", name) for name in _KEYRINGS if Path("/", name).is_file()]
    machine = _Apt(work / "machine")
    if installed and (mirror := chosen or mirror_among(machine.run("update", "--print-uris"))):
        return mirror, installed[0]
    report("Finding Debian", 0.0)
    unpacked = work / "keyring"
    _fetch(machine, ["debian-archive-keyring", "debootstrap"], unpacked)
    keyring = next(unpacked / name for name in _KEYRINGS if (unpacked / name).is_file())
    script = (unpacked / "usr/sbin/debootstrap").read_text()
    if mirror := chosen or default_mirror(script):
        return mirror, keyring
    raise InstallError(
        f"No mirror of Debian is known: name one in TONGDAI_DEBIAN_MIRROR. {_ADVICE}"
    )


def mirror_among(uris: str) -> str | None:
    """The Debian mirror among the machine's apt sources, from ``apt-get update --print-uris``.

    A third party's repository may use Debian's code names, too: a mirror that calls itself
    debian is preferred.
    """
    bases = re.findall(
        r"^'(\S+?)/dists/(?:bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)/"
        r"InRelease'",
        uris,
        re.MULTILINE,
    )
    return min(bases, key=lambda base: not re.search(r"/debian(\.list)?/?$", base), default=None)


def default_mirror(script: str) -> str | None:
    """Debian's own default mirror, as written in the program debootstrap."""
    found = re.search(r'"(https?://[^"\s]+/debian)/?"', script)
    return found[1] if found else None


def _fetch(machine: _Apt, packages: list[str], target: Path) -> None:
    """Unpack ``packages`` of the machine's own distribution."""
    with contextlib.suppress(_AptError):  # a third party's broken source need not matter
        machine.run("update")
    machine.run("download", *packages)
    for package in target.parent.glob("machine/*.deb"):
        _dpkg_extract(package, target)


def _download(
    packages: Sequence[str], mirror: str, keyring: Path, work: Path, report: Report
) -> list[Path]:
    """The archives of ``packages`` and all they need, from the first suite that has them."""
    for suite in SUITES:
        apt = _Apt(work / suite, f"deb [signed-by={keyring}] {mirror} {suite} main\n")
        freshness = _update(apt, suite, report)
        what = f"Downloading from Debian {suite}"
        try:
            apt.run(
                *freshness, "--download-only", "install", *packages, report=partial(report, what)
            )
        except _AptError as error:
            if suite == SUITES[-1] or "E: Unable to locate package" not in str(error):
                raise
        else:
            break
    return sorted(apt.archives.glob("*.deb"))


def _update(apt: _Apt, suite: str, report: Report) -> tuple[str, ...]:
    """Fetch the index. Returns the options that further commands on it need.

    Debian renews the index of these suites several times a day, and a mirror that lags is no
    reason to have no Asterisk; so an index past its date, and nothing else, is let through.
    """
    report(f"Reading the index of Debian {suite}", 0.0)
    strict = ("-o", "APT::Update::Error-Mode=any")
    try:
        apt.run(*strict, "update")
    except _AptError as error:
        expired = re.search(
            r"Release file for \S+ is expired \(invalid since ([^)]*)\)", str(error)
        )
        if not expired:
            raise
        report(f"The mirror's index of Debian {suite} ran out {expired[1]} ago: used all the same, "
               "its signature is checked.", None)  # fmt: skip
        apt.run(*strict, "-o", "Acquire::Check-Valid-Until=false", "update")
        return ("-o", "Acquire::Check-Valid-Until=false")
    return ()


def _extract(archives: list[Path], target: Path, report: Report) -> None:
    for number, archive in enumerate(archives):
        report("Unpacking", number / len(archives))
        _dpkg_extract(archive, target)
    report("Unpacking", 1.0)


def _dpkg_extract(archive: Path, target: Path) -> None:
    done = subprocess.run(
        ["dpkg-deb", "-x", archive, target], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise _AptError(f"{archive.name}: {done.stderr}")


def explained(output: str, source: str) -> str:
    """apt's words as a sentence about what to do."""
    last = " ".join(line for line in output.splitlines()[-20:] if line.startswith(("E:", "dpkg-")))
    if "No space left" in output or "enough free space" in output:
        return f"The disk is full: make room, or choose another folder with TONGDAI_CACHE. ({last})"
    if "NO_PUBKEY" in output or "is not signed" in output or "Missing key" in output:
        return (
            f"The signature of {source} cannot be checked: update debian-archive-keyring. ({last})"
        )
    if re.search(r"not valid yet", output):
        return f"The index of {source} is from the future: set this machine's clock. ({last})"
    if re.search(r"resolv|connect|Failed to fetch|timed out", output, re.IGNORECASE):
        return (
            f"{source} cannot be reached: check the network and apt's proxy, or name another "
            f"mirror of Debian in TONGDAI_DEBIAN_MIRROR. {_ADVICE} ({last})"
        )
    return f"apt could not get the packages from {source}: {last or output[-400:]} {_ADVICE}"
