"""The agents' SIP accounts: made in Asterisk from the agents' settings, nowhere else.

An agent without a password of his own in the settings gets one derived from the installation's
secret, so it is the same at every start and written in no file that people edit.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import structlog

from acd.agent_settings import AgentSettings
from engine import whole_file
from engine.ports import Pbx, SipAccount

log = structlog.get_logger("accounts")


class Accounts:
    """Keeps Asterisk's accounts equal to the agents; remembers in ``state_dir`` whom it made."""

    def __init__(self, pbx: Pbx, state_dir: Path) -> None:
        self._pbx = pbx
        self._made_file = state_dir / "accounts.json"
        self._key = installation_secret(state_dir)
        self._done: tuple[str, frozenset[SipAccount]] | None = None
        self._busy = asyncio.Lock()

    def of(self, agent: AgentSettings) -> SipAccount:
        """The account of an agent's own phone."""
        password = agent.secret or derive(self._key, agent.extension)
        return SipAccount(agent.extension, password, agent.display_name or agent.name)

    async def ensure(self, agents: Iterable[AgentSettings], incarnation: str) -> None:
        """Make what is missing or changed, remove who left. Raises ``PbxError``s."""
        async with self._busy:
            wanted = frozenset(self.of(agent) for agent in agents)
            if self._done == (incarnation, wanted):
                return
            self._done = None  # until all of it is done again
            extensions = {account.extension for account in wanted}
            for gone in sorted(self._made() - extensions):
                await self._pbx.remove_account(gone)
            self._remember(extensions | self._made())
            for account in sorted(wanted, key=lambda each: each.extension):
                await self._pbx.ensure_account(account)
            self._remember(extensions)
            self._done = (incarnation, wanted)
            log.info("accounts_ready", count=len(wanted))

    def _made(self) -> set[str]:
        try:
            return set(json.loads(self._made_file.read_text()))
        except (FileNotFoundError, ValueError):
            return set()

    def _remember(self, extensions: set[str]) -> None:
        made = json.dumps(sorted(extensions)).encode()
        whole_file.write(self._made_file, made, durable=False)


def derive(key: bytes, name: str) -> str:
    """The password that an installation gives to ``name``: 16 letters and digits."""
    digest = hmac.new(key, name.encode(), hashlib.sha256).digest()
    return base64.b32encode(digest)[:16].decode().lower()


def installation_secret(state_dir: Path) -> bytes:
    """32 random bytes, made once; only their owner can read the file."""
    path = state_dir / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        fresh.replace(path)
    return path.read_bytes()
