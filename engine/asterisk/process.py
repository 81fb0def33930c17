"""A private Asterisk: rendered into a folder, started as a child, stopped with its owner.

Many can run on one machine at once, each with a folder and ports of its own; everything stays on
loopback. Its owner is whoever starts it, and need not be the engine: a test, or ``tongdai run``
with the engine as another child, keeps the calls up while the engine dies and comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import resource
import secrets
from asyncio.subprocess import Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from engine.asterisk import render
from engine.asterisk.install import Installation
from engine.asterisk.port_block import PortBlock, is_free

HOST = "127.0.0.1"
_START_SECONDS = 40.0
_STOP_SECONDS = 5.0
_FOLDERS = ("etc", "state", "spool/recording", "run", "log/cel-custom")


class AsteriskDied(Exception):
    """The private Asterisk did not come up; the text ends with what it said."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a private Asterisk listens (SIP over UDP), and which addresses it takes for trunks."""

    sip_host: str
    sip_port: int
    http_port: int
    ami_port: int
    trunk_addresses: tuple[str, ...]


class PrivateAsterisk:
    """One Asterisk with its configuration, state, logs and recordings in ``run_dir``.

    Callers come as SIP from one of ``trunk_addresses`` (other addresses than 127.0.0.1, where the
    phones are), or register as one of the ``dial_in`` accounts (name -> secret). Numbers outside
    are dialed at ``trunk_contact`` (``sip:127.0.0.2:5062``), if there is one; ``more_trunks`` are
    further ones, each with an address of its own (name -> contact). ``prompts_dir`` has a folder
    per language; ``music_dir`` has .wav files. Two ports of ``rtp_ports`` serve one leg of a
    call. ``sip_port`` and the others are chosen when not given. The loop that starts it has to run
    in the main thread, whose end is Asterisk's end.
    """

    def __init__(
        self,
        installation: Installation,
        run_dir: Path,
        *,
        prompts_dir: Path,
        music_dir: Path,
        trunk_addresses: tuple[str, ...] = ("127.0.0.2",),
        trunk_contact: str = "",
        more_trunks: Mapping[str, str] | None = None,
        dial_in: Mapping[str, str] | None = None,
        rtp_ports: int = 1200,
        ari_password: str | None = None,
        ami_secret: str | None = None,
        app: str = "tongdai",
        hold_tries: int = 120,
        sip_port: int | None = None,
        http_port: int | None = None,
        ami_port: int | None = None,
    ) -> None:
        self.installation = installation
        self.run_dir = run_dir.absolute()
        self.ari_user, self.ami_user = render.COMMON["ari_user"], render.COMMON["ami_user"]
        self.ari_password = ari_password or secrets.token_urlsafe(18)
        self.ami_secret = ami_secret or secrets.token_urlsafe(18)
        self.recordings_dir = self.run_dir / "spool" / "recording"
        self.witness_file = self.run_dir / "log" / "cel-custom" / "tongdai.csv"
        self.log_file = self.run_dir / "log" / "asterisk.log"
        self.security_file = self.run_dir / "log" / "security.log"
        self.console_file = self.run_dir / "log" / "console.log"
        self.addresses = Addresses(HOST, 0, 0, 0, trunk_addresses)
        self._prompts_dir, self._music_dir = prompts_dir.absolute(), music_dir.absolute()
        self._trunk_contact = trunk_contact
        self._dial_in, self._more_trunks = dict(dial_in or {}), dict(more_trunks or {})
        self.app = app
        self._rtp_ports, self._hold_tries = rtp_ports, hold_tries
        self._wanted_ports = (sip_port, http_port, ami_port)
        self._ports: PortBlock | None = None
        self._process: Process | None = None

    @property
    def ari_url(self) -> str:
        """The base of ARI's resources, without a slash at its end."""
        return f"http://{HOST}:{self.addresses.http_port}/ari"

    @property
    def spare_port(self) -> int:
        """A port that it has taken while it runs and does not use: the engine's beside it."""
        if self._ports is None:
            raise RuntimeError("this Asterisk is not running")
        return self._ports.first + len(self._wanted_ports)

    @property
    def log_files(self) -> tuple[Path, ...]:
        """What it writes for as long as it runs, and never shortens."""
        return (self.console_file, self.log_file, self.security_file, self.witness_file)

    @property
    def pid(self) -> int:
        """The process of the running Asterisk."""
        if self._process is None:
            raise RuntimeError("this Asterisk is not running")
        return self._process.pid

    async def start(self) -> None:
        """Render, start, and wait until ARI answers; ``AsteriskDied`` when it does not."""
        self._ports = PortBlock(self._rtp_ports)
        try:
            self._choose_addresses(self._ports)
            self._render(self._ports)
            self._process = await self._spawn()
            await self._until_ready(self._process)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Hang up everything, end the process, free the ports. Does nothing when not running."""
        if self._process is not None:
            await _end(self._process)
            self._process = None
        if self._ports is not None:
            self._ports.release()
            self._ports = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _choose_addresses(self, ports: PortBlock) -> None:
        sip, http, ami = (
            wanted or ports.first + offset for offset, wanted in enumerate(self._wanted_ports)
        )
        for wanted in filter(None, self._wanted_ports):
            if not is_free(wanted):
                raise AsteriskDied(f"port {wanted} of {HOST} is taken by another program")
        self.addresses = Addresses(HOST, sip, http, ami, self.addresses.trunk_addresses)

    def _render(self, ports: PortBlock) -> None:
        for folder in _FOLDERS:
            (self.run_dir / folder).mkdir(parents=True, exist_ok=True)
        etc = self.run_dir / "etc"
        etc.chmod(0o700)  # passwords
        render.write(etc, self._values(ports), self._dial_in, self._more_trunks)

    def _values(self, ports: PortBlock) -> dict[str, str]:
        """What the templates ask for; ``asterisk-config/README.md`` says what each is."""
        return {
            **render.COMMON,
            **render.said_while_away(self._prompts_dir),
            **render.dialed_at(self._trunk_contact),
            "etc_dir": str(self.run_dir / "etc"),
            "modules_dir": str(self.installation.modules_dir),
            "data_dir": str(self.installation.data_dir),
            "state_dir": str(self.run_dir / "state"),
            "spool_dir": str(self.run_dir / "spool"),
            "log_dir": str(self.run_dir / "log"),
            # The path of a Unix socket is short (107 bytes): relative to the working folder.
            "run_dir": "run",
            "entity_id": render.entity_id(),
            "max_files": str(_most_open_files()),
            "sip_address": HOST,
            "public_address": HOST,
            "control_address": HOST,
            "engine_network": f"{HOST}/32",
            "sip_port": str(self.addresses.sip_port),
            "http_port": str(self.addresses.http_port),
            "ami_port": str(self.addresses.ami_port),
            "rtp_start": str(ports.rtp_first),
            "rtp_end": str(ports.rtp_last),
            "ari_password": self.ari_password,
            "ami_secret": self.ami_secret,
            "trunk_addresses": ",".join(self.addresses.trunk_addresses),
            "music_dir": str(self._music_dir),
            "app": self.app,
            "hold_tries": str(self._hold_tries),
        }

    async def _spawn(self) -> Process:
        """In a session of its own, so that Ctrl-C reaches the owner alone; ended with the owner."""
        with self.console_file.open("ab") as console:
            return await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "TERM",
                *self.installation.asterisk, "-f", "-C", str(self.run_dir / "etc/asterisk.conf"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self.run_dir,
                start_new_session=True,
            )  # fmt: skip

    async def _until_ready(self, process: Process) -> None:
        try:
            async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as http:
                while not await self._answers(http):
                    if process.returncode is not None:
                        raise AsteriskDied(f"Asterisk ended while starting:\n{self._last_words()}")
                    await asyncio.sleep(0.02)
        except TimeoutError as error:
            raise AsteriskDied(
                f"ARI did not answer within {_START_SECONDS:.0f} s:\n{self._last_words()}"
            ) from error

    async def _answers(self, http: aiohttp.ClientSession) -> bool:
        """ARI says 404 or 503 until everything is loaded."""
        login = aiohttp.encode_basic_auth(self.ari_user, self.ari_password)
        with contextlib.suppress(aiohttp.ClientError):
            async with http.get(
                f"{self.ari_url}/asterisk/info", headers={"Authorization": login}
            ) as answer:
                return answer.status == 200
        return False

    def _last_words(self) -> str:
        """What it complained about, in the log or before there was a log."""
        said = [
            line
            for file in (self.console_file, self.log_file)
            if file.exists()
            for line in file.read_text(errors="replace").splitlines()
            if re.search(r"ERROR|WARNING|Failed|rror while loading", line)
        ]
        return "\n".join(said[-12:]) or f"nothing, see {self.console_file}"


def _most_open_files() -> int:
    """As many as this user may allow his processes; more than the 300 calls of a block need."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 65536 if hard == resource.RLIM_INFINITY else min(hard, 65536)


async def _end(process: Process) -> None:
    """SIGTERM lets Asterisk hang up its calls and close its recordings; SIGKILL if it does not."""
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
