"""The same call with the records in PostgreSQL."""

import pytest
import pytest_asyncio
from center import CALLERS_TONE, SUPPORT, kinds_of, open_center, until

from engine.demo import tones
from tests.edge.databases import new_database, postgresql

__all__ = ["postgresql"]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def center(prepared, center_settings, postgresql, tmp_path_factory):
    """A center whose engine knows PostgreSQL by its URL, and nothing of SQLite."""
    settings = center_settings | {"TONGDAI_DATABASE_URL": await new_database(postgresql)}
    folder = tmp_path_factory.mktemp("center")
    async with open_center(prepared, folder, settings) as center:
        yield center
    assert not (folder / "state" / "tongdai.db").exists()


async def test_a_talk_is_recorded_in_postgresql_as_in_sqlite(floor):
    calling, answered = await floor.talk(SUPPORT)
    calling.start_tone(CALLERS_TONE)
    await until(lambda: tones.find(answered.heard(), CALLERS_TONE).seconds > 0.5)
    await calling.hang_up()
    record = await floor.record(calling)
    assert (record["outcome"], record["agent"], record["ended_by"]) == ("answered", "mai", "caller")
    assert "talk" in kinds_of(record)
    [recording] = record["recordings"]
    assert recording["complete"]
