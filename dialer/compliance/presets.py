"""The rules that come with the engine, by name. Pure. Nothing here is legal advice.

Each source says what was read and what was not; ``docs/compliance.md`` has them in full, with what
is left to people. Hours and caps that no law gives are our own caution, and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dialer.compliance.rules import Clause, Limit, RuleSet
from dialer.compliance.us_states import STATES
from dialer.compliance.windows import WindowRule

_DAY: Final = 86400.0
_MONTH_FROM_START: Final = (WindowRule(kind="successive", days=30),)

VN: Final = RuleSet(
    title="Viet Nam",
    source="Decree 91/2020/ND-CP (in force 1 October 2020) as law firms and the press tell it: "
    "consent, the national do-not-call list, a registered name, one advertising call in 24 hours, "
    "8:00-17:00. Collection: Circular 18/2019/TT-NHNN (thuvienphapluat.vn): five a day, "
    "7:00-21:00. Whether the decree was amended after 2024 was not found. It gives no cap and no "
    "hours for other calls: ours are our own caution.",
    regions=("VN",),
    default_zone="Asia/Ho_Chi_Minh",
    hours={"daily": "07:00-21:00"},
    cap_percent=3,
    windows=(WindowRule(kind="successive", days=30, zone="Asia/Ho_Chi_Minh"),),
    wait_seconds=2,
    least_ring_seconds=15,
    record_days=365,
    clauses=(
        Clause(
            purposes=("advertising",),
            source="Decree 91/2020, Articles 7, 10, 13",
            hours={"daily": "08:00-17:00"},
            limits=(Limit(most=1, hours=24),),
            do_not_call={"vn-dnc": 7},
            consent="always",
            brand=True,
            seller=True,
        ),
        Clause(
            purposes=("collection",),
            source="Circular 18/2019/TT-NHNN: 5 reminders a day; Circular 43/2016: 7:00-21:00",
            limits=(Limit(most=5, calendar_day=True),),
        ),
        Clause(
            purposes=("service", "survey", "reminder"),
            source="no rule found; our own caution",
            hours={"daily": "08:00-21:00"},
            limits=(Limit(most=3, calendar_day=True),),
        ),
    ),
)

US: Final = RuleSet(
    title="United States",
    source="FTC Telemarketing Sales Rule, 16 CFR 310.4(b) (guides of the FTC as dnc.com reprints "
    "them): hours, 3 % over successive 30-day periods of a campaign, 15 seconds of ringing, 2 "
    "seconds, the message, records for five years; the do-not-call registry no older than 31 days "
    "(ftc.gov). FCC, 47 CFR 64.1200: consent for automated calls to mobile phones; the text in "
    "force was not read. States: see each.",
    regions=("US",),
    hours={"daily": "08:00-21:00"},
    cap_percent=3,
    windows=_MONTH_FROM_START,
    consent="automated_mobile",
    wait_seconds=2,
    least_ring_seconds=15,
    dropped_message=True,
    record_days=5 * 366,
    clauses=(
        Clause(
            purposes=("advertising",),
            source="16 CFR 310.4(b)(1)(iii)(B), (b)(4)(iii)",
            do_not_call={"us-dnc": 31},
            seller=True,
        ),
        *STATES,
    ),
)

US_COLLECTION: Final = RuleSet(
    title="United States, debt collection",
    source="Regulation F, 12 CFR 1006.14(b)(2) (consumerfinance.gov): at most 7 calls within 7 "
    "days, none within 7 days after a talk; presumed lawful up to there. Counted here per number, "
    "in hours, which is never less. Hours: 15 U.S.C. 1692c. Name it beside `us`.",
    regions=("US",),
    hours={"daily": "08:00-21:00"},
    limits=(Limit(most=7, days=7),),
    rest_after_talk_seconds=7 * _DAY,
    cap_percent=3,
    windows=_MONTH_FROM_START,
    record_days=3 * 366,
)

UK: Final = RuleSet(
    title="United Kingdom",
    source="Ofcom, statement on persistent misuse (in force 1 March 2017): no share of abandoned "
    "calls is safe; 1 % is our own caution. 72 hours: good practice since 2006. Hours: the DMA's "
    "guide, as a vendor quotes it; no law gives any. Telephone Preference Service: PECR 2003, "
    "regulation 21 (28 days); recorded messages need consent: regulation 19.",
    regions=("GB",),
    hours={"mon-fri": "08:00-21:00", "sat": "09:00-21:00"},
    closed=("01-01~", "easter-2", "easter+1", "05-mon1", "05-mon-last", "08-mon-last",
            "12-25~", "12-26~", "12-27", "12-28"),
    rest_after_abandoned_seconds=3 * _DAY,
    cap_percent=1,
    windows=(WindowRule(kind="rolling", days=1, zone="Europe/London"),),
    wait_seconds=2,
    least_ring_seconds=15,
    dropped_message=True,
    record_days=2 * 366,
    clauses=(
        Clause(
            purposes=("advertising",),
            source="PECR 2003, regulations 19, 21 and 24",
            do_not_call={"uk-tps": 28},
            consent="recorded",
            seller=True,
        ),
    ),
)  # fmt: skip

EU: Final = RuleSet(
    title="European Union",
    source="Directive 2002/58/EC, Article 13, and national laws, of which only those below are "
    "here: elsewhere consent, and hours of our own caution. The cap is our own caution.",
    regions=(
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
        "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    ),
    hours={"mon-sat": "09:00-20:00"},
    cap_percent=1,
    windows=_MONTH_FROM_START,
    wait_seconds=2,
    least_ring_seconds=15,
    dropped_message=True,
    record_days=5 * 366,
    clauses=(
        Clause(
            purposes=("advertising",),
            source="consent first, in every member state; DE: sections 7 and 7a UWG, which want "
            "its proof kept five years",
            consent="always",
            seller=True,
        ),
        Clause(
            where=("FR",),
            purposes=("advertising",),
            source="Code de la consommation, D. 223-9 (decree 2022-1313, read at legifrance): "
            "days, hours, four calls in 30 days; consent since 11 August 2026 (law 2025-594)",
            hours={"mon-fri": "10:00-13:00, 14:00-20:00"},
            closed=("01-01", "easter+1", "05-01", "05-08", "easter+39", "easter+50", "07-14",
                    "08-15", "11-01", "11-11", "12-25"),
            limits=(Limit(most=4, days=30),),
        ),
    ),
)  # fmt: skip

CA: Final = RuleSet(
    title="Canada",
    source="CRTC, Unsolicited Telecommunications Rules: 5 % of a calendar month, 2 seconds, "
    "9:00-21:30 and 10:00-18:00 at weekends, the do-not-call list no older than 31 days, consent "
    "for recorded calls. The rules themselves were not read: hours and cap are as commonly told, "
    "and the cap here is 3 %.",
    regions=("CA",),
    hours={"mon-fri": "09:00-21:30", "sat-sun": "10:00-18:00"},
    cap_percent=3,
    windows=(WindowRule(kind="month"),),
    wait_seconds=2,
    least_ring_seconds=15,
    dropped_message=True,
    record_days=3 * 366,
    clauses=(
        Clause(
            purposes=("advertising",),
            do_not_call={"ca-dncl": 31},
            consent="recorded",
            seller=True,
        ),
    ),
)

RULES: Final[Mapping[str, RuleSet]] = {
    "vn": VN,
    "us": US,
    "us-collection": US_COLLECTION,
    "uk": UK,
    "eu": EU,
    "ca": CA,
}
"""By the names that campaigns use."""
