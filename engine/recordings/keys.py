"""Master keys: each wraps the keys of single files, which lie wrapped in the ledger.

A master key is 32 random bytes as base64 or hex, in a secret of the installation. Its id is the
beginning of a SHA-256 of it, so the ledger tells which one is needed without telling anything of
it. A wrapped key is bound to its recording's name: in another's row it opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.secrets import Secrets, UnknownSecret

_KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyUnusable(Exception):
    """A key is missing, wrong, or no key; the text says which and what to do."""


class MasterKeys:
    """The key that wraps now, and those before it, which still open what they wrapped."""

    def __init__(self, current: bytes | None = None, older: Iterable[bytes] = ()) -> None:
        self._keys = {id_of(key): AESGCM(key) for key in older}
        self.current = ""
        if current is not None:
            self.current = id_of(current)
            self._keys[self.current] = AESGCM(current)

    def wrap(self, name: str, key: bytes) -> tuple[str, str]:
        """The id of the master key, and the file's key of recording ``name`` wrapped by it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._keys[self.current].encrypt(nonce, key, name.encode())
        return self.current, base64.b64encode(nonce + sealed).decode()

    def unwrap(self, name: str, key_id: str, wrapped: str) -> bytes:
        """The key of a recording's file. Raises ``KeyUnusable``."""
        if key_id not in self._keys:
            raise KeyUnusable(
                f"{name} was encrypted under the master key {key_id}: name its secret in `old_keys`"
            )
        sealed = base64.b64decode(wrapped)
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._keys[key_id].decrypt(nonce, content, name.encode())
        except InvalidTag as error:
            raise KeyUnusable(f"the wrapped key of {name} was changed") from error


def load(current: str | None, older: Iterable[str], known: Secrets) -> MasterKeys:
    """The keys that these references (``${secret:NAME}``) stand for. Raises ``KeyUnusable``."""
    return MasterKeys(
        None if current is None else _read(current, known), [_read(each, known) for each in older]
    )


def id_of(key: bytes) -> str:
    """Sixteen digits that name a master key and tell nothing of it."""
    return hashlib.sha256(b"tongdai recordings key " + key).hexdigest()[:16]


def _read(reference: str, known: Secrets) -> bytes:
    try:
        text = known.fill(reference).strip()
    except UnknownSecret as error:
        raise KeyUnusable(f"{reference}: {error}") from error
    try:
        key = (
            bytes.fromhex(text)
            if len(text) == 2 * _KEY_BYTES
            else base64.b64decode(text, validate=True)
        )
    except (ValueError, binascii.Error) as error:
        raise KeyUnusable(f"{reference} is neither base64 nor hex") from error
    if len(key) != _KEY_BYTES:
        raise KeyUnusable(
            f"{reference} has {len(key)} bytes: make one by `openssl rand -base64 32`"
        )
    return key
