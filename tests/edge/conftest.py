"""What several modules here begin with."""

import asyncio
from pathlib import Path

import pytest
from new_tables import make_tables


@pytest.fixture(scope="session")
def new_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger on SQLite, to be copied: making its tables takes longer than most tests."""
    file = tmp_path_factory.mktemp("new") / "ledger.db"
    asyncio.run(make_tables(f"sqlite:///{file}"))
    return file
