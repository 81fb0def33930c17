"""A whole center on this machine: a private Asterisk, and an engine in a process of its own.

``tongdai run``, the demo, the live tests and the benchmarks all use this one. The engine can die
and come back while Asterisk keeps the calls up, as in production.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Never, Self

import aiohttp

from engine.asterisk.accounts import derive, installation_secret
from engine.asterisk.process import PrivateAsterisk
from engine.log_files import keep_small
from engine.setup import Prepared

_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0


class EngineDied(Exception):
    """The engine did not come up; the text ends with what it said."""


class Center:
    """Asterisk from the beginning to the end of the block; the engine between start and stop.

    ``settings`` are further environment variables of the engine (``TONGDAI_…``). Without an
    ``api_port`` its API is at one of the ports that this Asterisk has taken.
    """

    def __init__(
        self,
        asterisk: PrivateAsterisk,
        prepared: Prepared,
        state_dir: Path,
        settings: Mapping[str, str] | None = None,
        api_port: int | None = None,
    ) -> None:
        self.asterisk = asterisk
        self.state_dir = state_dir
        self.engine_log = state_dir / "engine.log"
        self.console = state_dir / "console.log"
        self._api_port = api_port
        self._prepared = prepared
        self._settings = dict(settings or {})
        self._engine: Process | None = None
        self._said_before = 0
        self._tidying: asyncio.Task[Never] | None = None
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self.state_dir.mkdir(parents=True, exist_ok=True)
        await self.asterisk.start()
        self._api_port = self._api_port or self.asterisk.spare_port
        self._http = aiohttp.ClientSession()
        logs = (self.console, *self.asterisk.log_files)
        self._tidying = asyncio.create_task(keep_small(logs))
        try:
            await self.start_engine()
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._leave()

    async def _leave(self) -> None:
        try:
            await self.close_engine()
        finally:
            if self._tidying is not None:
                self._tidying.cancel()
            if self._http is not None:
                await self._http.close()
            await self.asterisk.stop()

    @property
    def api_url(self) -> str:
        """Where the engine's API is, once Asterisk runs."""
        return f"http://127.0.0.1:{self._api_port}"

    # -- the engine's process -----------------------------------------------------------------

    async def start_engine(self, wait: bool = True) -> None:
        """Start it, and wait until it serves. Raises ``EngineDied``."""
        with self.console.open("ab") as console:
            self._said_before = console.tell()
            self._engine = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "TERM",
                sys.executable, "-m", "engine.cli.main", "serve",
                env=os.environ | self.environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        if wait:
            await self._until_ready(self._engine)

    async def close_engine(self) -> None:
        """Let it hang up its calls, write their records, and end."""
        await self._end_engine(signal.SIGUSR1)

    async def stop_engine(self) -> None:
        """End it as a service manager would; calls stay up."""
        await self._end_engine(signal.SIGTERM)

    async def kill_engine(self) -> None:
        """Let it die without a word (SIGKILL)."""
        await self._end_engine(signal.SIGKILL)

    async def engine_ended(self) -> int:
        """Wait for its end; returns the exit code."""
        assert self._engine is not None
        return await self._engine.wait()

    async def _end_engine(self, how: signal.Signals) -> None:
        process, self._engine = self._engine, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _until_ready(self, process: Process) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_SECONDS):
                while process.returncode is None:
                    if await self._is_ready():
                        return
                    await asyncio.sleep(0.05)
        raise EngineDied(f"the engine did not come up:\n{self._last_words()}")

    def _last_words(self) -> str:
        """Its complaints since it was started, or else all of its last lines."""
        said = self.console.read_bytes()[self._said_before :]
        lines = said.decode(errors="replace").splitlines()
        complaints = [line for line in lines if re.search(r"\[(warning|error|critical)", line)]
        traced = any(line.startswith("Traceback") for line in lines)
        return "\n".join((lines if traced or not complaints else complaints)[-30:])

    async def _is_ready(self) -> bool:
        try:
            return bool((await self.get("/health"))["status"] == "ok")
        except (aiohttp.ClientError, TimeoutError):
            return False

    def environment(self) -> dict[str, str]:
        """How the engine is told where its neighbours are: the settings of this center."""
        asterisk = self.asterisk
        return {
            "TONGDAI_ARI_URL": asterisk.ari_url.removesuffix("/ari"),
            "TONGDAI_ARI_USER": asterisk.ari_user,
            "TONGDAI_ARI_PASSWORD": asterisk.ari_password,
            "TONGDAI_APP": asterisk.app,
            "TONGDAI_AMI_HOST": asterisk.addresses.sip_host,
            "TONGDAI_AMI_PORT": str(asterisk.addresses.ami_port),
            "TONGDAI_AMI_USER": asterisk.ami_user,
            "TONGDAI_AMI_SECRET": asterisk.ami_secret,
            "TONGDAI_STATE_DIR": str(self.state_dir),
            "TONGDAI_RECORDINGS_DIR": str(asterisk.recordings_dir),
            "TONGDAI_WITNESS_FILE": str(asterisk.witness_file),
            "TONGDAI_PROMPTS_DIR": str(self._prepared.prompts_dir),
            "TONGDAI_API_PORT": str(self._api_port),
            "TONGDAI_LOG_FILE": str(self.engine_log),
        } | self._settings

    # -- what its users do ----------------------------------------------------------------------

    def sip_password(self, extension: str) -> str:
        """The password of an agent's phone, when the agents' file names none."""
        return derive(installation_secret(self.state_dir), extension)

    async def get(self, path: str) -> Any:
        """An answer of the API."""
        assert self._http is not None
        async with self._http.get(self.api_url + path) as response:
            return await response.json()

    async def post(self, path: str, **body: object) -> tuple[int, Any]:
        """Status and answer of the API."""
        assert self._http is not None
        async with self._http.post(self.api_url + path, json=body) as response:
            return response.status, await response.json()
