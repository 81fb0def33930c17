"""What campaigns' attempts in the ledger tell the simulator, and the trunks."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from dialer.dispositions import Disposition
from dialer.simulation.past import PastDial
from engine.store.campaign_past import past_dials
from engine.store.lead_tables import attempts
from engine.store.ledger import Ledger
from engine.store.tables import wrap_ups
from engine.store.trunk_use import TrunkUse, trunk_use

NINE = 1_772_676_000.0  # 2026-03-05 09:00 in Hanoi
CONNECTED = {
    "rang": NINE + 2,
    "answered": NINE + 9,
    "connected": NINE + 10,
    "ended": NINE + 100,
    "disposition": Disposition.CONNECTED,
    "agent": "anna",
}


def attempt(name: str, campaign: str = "renewals", **more: Any) -> dict[str, Any]:
    words = ("mode", "list", "number", "trunk", "caller_id", "run", "agent", "verdict", "why")
    return {
        **dict.fromkeys((*words, "code"), ""),
        **dict.fromkeys(("rang", "answered", "connected", "ended", "disposition"), None),
        "attempt": name,
        "campaign": campaign,
        "lead": 1,
        "seq": 0,
        "callback": False,
        "decided": NINE,
        "began": NINE,
        "dialed": NINE,
        "cause": 0,
        "tech_cause": 0,
        "spoken": [],
        "opted_out": False,
        "guessed": False,
        "proof": {},
        "terms": {},
        **more,
    }


async def test_a_past_is_read_dial_by_dial_with_its_hour_and_its_times(
    tmp_path: Path, new_ledger: Path
) -> None:
    ledger = Ledger(f"sqlite+aiosqlite:///{shutil.copy(new_ledger, tmp_path)}")
    rows = [
        attempt("ob-1", **CONNECTED),
        attempt("ob-2", began=NINE + 1, ended=NINE + 25, disposition=Disposition.NO_ANSWER),
        attempt("ob-3", number="+841", dialed=None, disposition=Disposition.CANCELLED),
        attempt("ob-4", campaign="other", **CONNECTED),
        attempt("ob-5", began=NINE - 90_000, dialed=NINE - 90_000, **CONNECTED),
    ]
    wrapped = {"call": "ob-1", "agent": "anna", "started": NINE + 100, "ended": NINE + 115}
    async with ledger.writing() as connection:
        await connection.execute(attempts.insert(), rows)
        await connection.execute(wrap_ups.insert(), [{**wrapped, "queue": "outreach"}])
    found = await past_dials(ledger, "renewals", NINE - 3600, "Asia/Ho_Chi_Minh")
    await ledger.close()
    assert found == [
        PastDial(9, Disposition.NO_ANSWER),
        PastDial(9, Disposition.CONNECTED, set_up=2.0, ring=7.0, talk=90.0, wrap=15.0),
    ]


async def test_what_was_sent_over_a_trunk_is_told_by_the_hour(
    tmp_path: Path, new_ledger: Path
) -> None:
    ledger = Ledger(f"sqlite+aiosqlite:///{shutil.copy(new_ledger, tmp_path)}")
    over = {"trunk": "vnpt"}
    rows = [
        attempt("ob-1", **CONNECTED, **over),
        attempt("ob-2", ended=NINE + 25, disposition=Disposition.NO_ANSWER, **over),
        attempt("ob-3", began=NINE + 3600, dialed=None, number="+841", **over),
        attempt("ob-4", dialed=None, ended=NINE, disposition=Disposition.CANCELLED, **over),
        attempt("ob-5", **CONNECTED, trunk="viettel"),
        attempt("ob-6", began=NINE - 90_000, **CONNECTED, **over),
    ]
    async with ledger.writing() as connection:
        await connection.execute(attempts.insert(), rows)
    found = await trunk_use(ledger, NINE - 86_400)
    await ledger.close()
    assert found == [
        TrunkUse("viettel", NINE, 1, 91.0),
        TrunkUse("vnpt", NINE, 2, 91.0),
        TrunkUse("vnpt", NINE + 3600, 1, 0.0),
    ]
