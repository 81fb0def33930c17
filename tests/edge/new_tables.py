"""The tables of a ledger, where there are none."""

from engine.store.ledger import Ledger


async def make_tables(url: str) -> None:
    """Bring an empty database up to this version."""
    ledger = Ledger(url)
    await ledger.open()
    await ledger.close()
