"""What can go wrong with the ledger; no message ever holds a password or a caller's number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from engine.ports import LedgerDown, LedgerRefused

# SQLSTATE classes of PostgreSQL that blame the row: data exception, integrity constraint violation.
_BLAME_THE_ROW = ("22", "23")


class LedgerTooNew(Exception):
    """A newer version has changed the schema; this one would damage it."""


class LedgerUrlInvalid(Exception):
    """The database URL is none that we can use; the message says what one looks like."""


@contextmanager
def translated(ledger: str) -> Iterator[None]:
    """Turn what drivers and SQLAlchemy raise into ``LedgerDown`` or ``LedgerRefused``."""
    try:
        yield
    except TimeoutError as error:
        raise LedgerDown(f"{ledger} did not answer in time") from error
    except OverflowError as error:  # SQLite's driver, of a number beyond 64 bits
        raise LedgerRefused(f"{ledger}: {error}") from error
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        reason = f"{ledger}: {type(cause).__name__}: {str(cause).splitlines()[0]}"
        raise (LedgerRefused if _blames_the_row(error) else LedgerDown)(reason) from error


def _blames_the_row(error: Exception) -> bool:
    if not isinstance(error, StatementError):
        return False
    if not isinstance(error, DBAPIError):
        return True  # a value that its column could not take: nothing was sent
    cause = error.orig.__cause__ if error.orig else None
    return (
        isinstance(error, IntegrityError)
        or isinstance(cause, ValueError | TypeError | OverflowError)  # asyncpg could not encode it
        or str(getattr(error.orig, "sqlstate", None) or "").startswith(_BLAME_THE_ROW)
    )
