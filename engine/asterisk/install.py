"""Which Asterisk we drive: a named one, the machine's own if it is new enough, or a private one.

The private one is Debian's package, unpacked into the cache folder and run in place with its own
loader and libraries; SIPp, espeak-ng and sox come with it. ``python -m engine.asterisk.install``
makes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import paths
from engine.asterisk import debian
from engine.asterisk.debian import InstallError, Report

__all__ = ["InstallError", "Installation", "Report", "ensure", "find"]

FLOOR = (22, 10, 1)
"""Older ones let ARI users write files and load modules, and deadlock on busy days."""

_REFUSED = ((22, 11, 0), "rc1")  # dies of a websocket PONG
_PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav", "sip-tester", "espeak-ng", "sox")
_TOOLS = ("sipp", "espeak-ng", "sox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """SIPp, espeak-ng and sox: of the private unpacking in ``prefix``, or else on PATH."""

    prefix: Path | None = None

    def program(self, name: str) -> list[str] | None:
        """How the command line of ``sipp``, ``espeak-ng`` or ``sox`` begins, if it is here."""
        if self.prefix and (program := self.prefix / "usr/bin" / name).is_file():
            return _in_prefix(self.prefix, program)
        found = shutil.which(name)
        return [found] if found else None

    def environment(self, name: str) -> dict[str, str]:
        """The environment that the program ``name`` needs."""
        if name == "espeak-ng" and self.prefix and (self.prefix / "usr/bin/espeak-ng").is_file():
            return os.environ | {"ESPEAK_DATA_PATH": str(_libraries(self.prefix))}
        return dict(os.environ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation(Programs):
    """An Asterisk that is new enough, and the programs that go with it.

    ``asterisk`` begins the command line that runs it; ``data_dir`` has ``rest-api``, ``sounds``
    and ``documentation``.
    """

    version: str
    asterisk: tuple[str, ...]
    modules_dir: Path
    data_dir: Path


def programs() -> Programs:
    """The programs that are here without asking for an Asterisk; each may be missing."""
    private = _private_dir()
    return Programs(prefix=private if private.is_dir() else None)


def find(setting: str | None = None) -> Installation | None:
    """The Asterisk that is here already, or ``None``.

    ``setting`` is the path of an Asterisk, or of a folder it is unpacked in; ``InstallError`` when
    there is none that can be used.
    """
    private = _private_dir()
    tools = private if private.is_dir() else None
    if setting:
        return _at(Path(setting).expanduser().absolute(), tools)
    if on_path := shutil.which("asterisk"):
        try:
            return _at(Path(on_path).resolve(), tools)
        except InstallError:
            pass  # too old, or in pieces: the private one is better
    return _at(private, tools) if tools else None


def ensure(setting: str | None = None, report: Report = lambda what, part: None) -> Installation:
    """The Asterisk that is here, or a private one made now, with its programs.

    Making it takes a minute and needs the network; two that make it at once do it once.
    """
    found = find(setting)
    if found and all(found.program(tool) for tool in _TOOLS):
        return found
    with _alone():
        if not _private_dir().is_dir():
            _make_private(report)
    made = find(setting)
    assert made is not None
    return made


def version_of(banner: str) -> str:
    """The version in what ``asterisk -V`` says; ``InstallError`` unless we can drive it."""
    found = re.match(r"Asterisk ((\d+)\.(\d+)\.(\d+)(?:[-~](rc\d+))?\S*)", banner)
    if not found:
        raise InstallError(
            f"{banner.strip()!r} is no release of Asterisk: 22.10.1 or later is needed"
        )
    number = (int(found[2]), int(found[3]), int(found[4]))
    if number < FLOOR or (number, found[5]) == _REFUSED:
        raise InstallError(f"Asterisk {found[1]} cannot be used: 22.10.1 or later is needed, "
                           "but not 22.11.0-rc1")  # fmt: skip
    return found[1]


def _at(path: Path, tools: Path | None) -> Installation:
    """The Asterisk at ``path``: a program, or a folder that it is unpacked in."""
    unpacked = path.is_dir()
    program = path / "usr/sbin/asterisk" if unpacked else path
    command = _in_prefix(path, program) if unpacked else [str(program)]
    root = program.parent.parent
    if not program.is_file():
        raise InstallError(f"{program} does not exist: no Asterisk there")
    return Installation(
        version=version_of(_output([*command, "-V"])),
        asterisk=tuple(command),
        modules_dir=_folder(program, [*root.glob("lib*/*/asterisk/modules"),
                                      *root.glob("lib*/asterisk/modules")], "res_ari.so"),
        data_dir=_folder(program, [root / "share/asterisk", Path("/var/lib/asterisk")], "rest-api"),
        prefix=path if unpacked else tools,
    )  # fmt: skip


def _folder(program: Path, candidates: list[Path], content: str) -> Path:
    for folder in candidates:
        if (folder / content).exists():
            return folder
    raise InstallError(f"{program} is not complete: no {content} in any of "
                       f"{', '.join(map(str, candidates)) or 'its folders'}")  # fmt: skip


def _output(command: list[str]) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise InstallError(f"{command[-2]} does not run: {error}") from error
    return ran.stdout


def _in_prefix(prefix: Path, program: Path) -> list[str]:
    """Run ``program`` with the loader and the libraries that it was built for."""
    libraries = _libraries(prefix)
    loader = next(libraries.glob("ld-linux-*.so.*"), None)
    if loader is None:
        raise InstallError(f"{prefix} is no unpacked Asterisk: no loader in {libraries}")
    return [str(loader), "--library-path", f"{libraries}:{libraries}/pulseaudio", str(program)]


def _libraries(prefix: Path) -> Path:
    """The folder of the libraries of the one architecture that was unpacked."""
    return next((prefix / "usr/lib").glob("*-linux-gnu"), prefix / "usr/lib")


def _private_dir() -> Path:
    """The private one's folder, named by what is in it."""
    recipe = " ".join((*_PACKAGES, *debian.SUITES))
    return paths.cache_dir() / f"asterisk-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"


def _make_private(report: Report) -> None:
    """Unpack beside the final place, try it, then rename: a half-made one is never seen."""
    cache = paths.cache_dir()
    for left_over in cache.glob(".making-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=cache) as scratch:
        work, prefix = Path(scratch, "work"), Path(scratch, "prefix")
        work.mkdir()
        debian.unpack(_PACKAGES, prefix, work, report)
        # What the package's own script would do.
        (prefix / "usr/share/asterisk/sounds/en").symlink_to("en_US_f_Allison")
        _at(prefix, None)
        prefix.rename(_private_dir())


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time on this machine."""
    cache = paths.cache_dir()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        lock = (cache / "install.lock").open("w")
    except OSError as error:
        raise InstallError(f"{cache} cannot be written ({error.strerror}): choose another folder "
                           "with TONGDAI_CACHE") from error  # fmt: skip
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Find or make the Asterisk and say which; the exit status is 1 when there is none."""
    from rich.console import Console
    from rich.progress import Progress

    setting = os.environ.get("TONGDAI_ASTERISK")
    try:
        installation = find(setting)
        if not installation or not all(map(installation.program, _TOOLS)):
            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task("Asterisk", total=1.0)

                def report(what: str, part: float | None) -> None:
                    if part is None:
                        bar.console.print(what, highlight=False)
                    else:
                        bar.update(task, description=what, completed=part)

                installation = ensure(setting, report)
    except InstallError as error:
        print(f"Asterisk: {error}", file=sys.stderr)
        return 1
    print(f"Asterisk {installation.version} at {installation.prefix or installation.asterisk[-1]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
