"""The ledger's address as operators write it, made one that the asynchronous drivers understand."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.store.errors import LedgerUrlInvalid

EXAMPLES = (
    "use sqlite:////var/lib/tongdai/ledger.db, a file name, "
    "or postgresql://user:password@host:5432/tongdai"
)
_POSTGRESQL = ("postgres", "postgresql", "postgresql+asyncpg")
_SQLITE = ("sqlite", "sqlite+aiosqlite")
_PARAMETERS = {"host": "host", "port": "port", "ssl": "ssl", "sslmode": "ssl"}


def read_url(text: str) -> URL:
    """The SQLAlchemy URL for ``text``; raises ``LedgerUrlInvalid`` without repeating a password."""
    if "://" not in text:
        return _sqlite_file(text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # whose message may hold the whole text
        raise LedgerUrlInvalid(f"the database URL cannot be read; {EXAMPLES}") from None
    if url.drivername in _SQLITE:
        return _sqlite(url)
    if url.drivername in _POSTGRESQL:
        return _postgresql(url)
    raise LedgerUrlInvalid(f"the ledger cannot be kept in {url.drivername!r}; {EXAMPLES}")


def _sqlite(url: URL) -> URL:
    if url.host or url.query:
        problem = "has a host (three slashes begin a file)" if url.host else "takes no parameters"
        raise LedgerUrlInvalid(f"the SQLite URL {problem}; {EXAMPLES}")
    return _sqlite_file(url.database or "")


def _sqlite_file(name: str) -> URL:
    if not name.strip() or name == ":memory:":
        raise LedgerUrlInvalid(f"the ledger needs a file to be kept in; {EXAMPLES}")
    return URL.create("sqlite+aiosqlite", database=str(Path(name).expanduser()))


def _postgresql(url: URL) -> URL:
    unknown = sorted(set(url.query) - set(_PARAMETERS))
    if unknown:
        known = ", ".join(_PARAMETERS)
        raise LedgerUrlInvalid(f"unknown in the database URL: {', '.join(unknown)}; known: {known}")
    if not url.database:
        raise LedgerUrlInvalid(f"the database URL names no database; {EXAMPLES}")
    query = {_PARAMETERS[name]: value for name, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)
