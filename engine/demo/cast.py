"""Who is in the demo: the callers and what each does, the agents and how each works.

Everybody speaks a tone of his own, so that what was heard tells who spoke.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.demo import example_systems


@dataclass(frozen=True, slots=True)
class Press:
    """Keys that a caller presses when he hears a prompt begin, or ``after`` so many seconds of it.

    ``words`` are what he says instead. ``tells`` is what is told of keys that are not to be seen.
    ``again`` is the prompt by which he knows that he was not understood; ``at`` if it is not given.
    """

    at: str
    keys: str = ""
    words: str = ""
    tells: str = ""
    after: float = 0.0
    again: str = ""


@dataclass(frozen=True, slots=True)
class CallerPlan:
    """One caller and his way. Times in seconds.

    What he does comes in this order: ``keys``, ``presses``, a talk or not, ``survey``.
    """

    name: str
    number: str  # his own; also his SIP account
    dials: str
    way: str  # what he is like, in a few words
    tone_hz: float
    starts: float = 0.0  # after the beginning, or after all agents are busy
    when_all_busy: bool = False
    keys: tuple[tuple[float, str], ...] = ()  # (after this long, this key)
    gives_up_after: float | None = None  # hangs up then, without having talked
    talks: float = 5.0
    until_someone_waits: bool = False  # keeps his agent busy before these seconds of talk begin
    someone_waits_after: float | None = None  # after his last key he stands in line: he is the one,
    # once who was in line before him has given up: an agent who is free sooner would serve that one
    agent_hangs_up: bool = False
    language: str = "vi"  # of the prompts that he listens for
    presses: tuple[Press, ...] = ()
    survey: tuple[Press, ...] = ()  # after the talk
    hears: tuple[str, ...] = ()  # prompts that he must have heard in all
    before_answer: bool = False  # hangs up after these, without having been answered
    recorded: tuple[str, ...] = ()  # prompts that must be in the recording of the whole call
    unrecorded: tuple[str, ...] = ()  # prompts he hears while it rests

    @property
    def serves_himself(self) -> bool:
        """Whether no agent is needed: the flow says good-bye."""
        return bool(self.presses) and not self.survey


@dataclass(frozen=True, slots=True)
class AgentPlan:
    """One agent of the site's agents and his way."""

    name: str
    tone_hz: float
    answers_after: float  # seconds of ringing
    dials_login: bool = False  # logs in from his phone; otherwise over the API


CALLERS = (
    CallerPlan(
        "Emma", "0900000001", "19001000", "English, presses 1, hangs up when done",
        420, keys=((3.0, "1"),), until_someone_waits=True, talks=1.5,
    ),
    CallerPlan(
        "Hoa", "0900000002", "19001001", "Vietnamese, presses 2, the agent hangs up",
        480, keys=((4.0, "2"),), until_someone_waits=True, talks=1.0, agent_hangs_up=True,
    ),
    CallerPlan(
        "Khoa", "0900000003", "19001000", "wants Vietnamese: presses 9, then 1",
        540, keys=((4.5, "9"), (2.5, "1")), until_someone_waits=True, talks=0.5,
    ),
    CallerPlan(
        "Dũng", "0900000004", "19001001", "Vietnamese, presses no key",
        600, until_someone_waits=True, talks=4.0, agent_hangs_up=True,
    ),
    CallerPlan(
        "Oliver", "0900000005", "19001000", "English, hangs up in the menu",
        660, starts=1.0, gives_up_after=4.0,
    ),
    CallerPlan(
        "Phúc", "0900000006", "19001002", "dials a number that is closed now",
        720, starts=2.0,
    ),
    CallerPlan(
        "Bình", "0900000007", "19001003", "straight to the queue, loses patience",
        780, starts=0.5, when_all_busy=True, gives_up_after=4.5,
    ),
    CallerPlan(
        "Lan", "0900000008", "19001001", "Vietnamese, waits until an agent is free",
        840, when_all_busy=True, keys=((4.0, "2"),), someone_waits_after=4.0,
    ),
    CallerPlan(
        "Mỹ", "0900000009", "19001020", "a customer of the bank: her balance, and a bill to pay",
        900, presses=(
            Press("bank_press_for_vietnamese", "1"),
            Press("identify_pin", f"{example_systems.PIN}#", tells="types her PIN"),
            Press("bank_menu", "1"),
            Press("bank_menu", "2"),
            Press("bank_pay_now", "1"),
            Press("payment_card", f"{example_systems.GOOD_CARD}#", tells="types a card's number"),
            Press("payment_expiry", "1230", tells="types when it expires", after=2.0),
            Press("payment_cvv", "123", tells="types its code"),
        ),
        hears=("bank_balance", "number_12", "bank_bill", "bank_paid", "goodbye"),
        recorded=("bank_balance", "bank_paid"), unrecorded=("payment_expiry",),
    ),
    CallerPlan(
        "Quân", "0900000010", "19001010", "where is his order?",
        960, presses=(
            Press("shop_menu", "1"),
            Press("shop_order_number", f"{example_systems.ORDER}#"),
            Press("confirm_keys", "1"),
        ),
        hears=("shop_on_the_way", "goodbye"),
    ),
    CallerPlan(
        "Thảo", "0900000011", "19001010", "buys flowers, and says afterwards how it was",
        1080, when_all_busy=True, talks=3.0, agent_hangs_up=True,
        presses=(Press("shop_menu", "2"),),
        survey=(Press("survey_score", "5"), Press("survey_solved", "1")),
        hears=("shop_connecting", "survey_thanks", "goodbye"),
    ),
    CallerPlan(
        "An", "0900000012", "19001030", "makes an appointment",
        1140, starts=1.5, presses=(
            Press("clinic_menu", "1"),
            Press("clinic_which_day", "2312"),
            Press("confirm_keys", "1"),
            Press("clinic_press_1_for", "1"),
        ),
        hears=("clinic_booked", "clinic_come_early"),
    ),
    CallerPlan(
        "Bảo", "0900000013", "19001040", "no power at home: hears of it before he is answered",
        1260, starts=2.5, before_answer=True, hears=("outage_at", "outage_until"),
    ),
)  # fmt: skip

SPEAKER = CallerPlan(
    "Grace", "0900000014", "19001012", "English, speaks instead of pressing",
    1320, when_all_busy=True, language="en", presses=(
        Press("shop_menu", words="opening hours", again="shop_menu_short"),
        Press("shop_menu", words="my order", again="shop_menu_short"),
        Press("shop_order_number", f"{example_systems.ORDER}#"),
        Press("confirm_keys", "1"),
    ),
    hears=("shop_address", "shop_on_the_way", "goodbye"),
)  # fmt: skip
"""Who calls as well where there is a recogniser."""

EVERYBODY = (*CALLERS, SPEAKER)

FEATURED = next(caller for caller in CALLERS if caller.name == "Lan")
"""Whose call is drawn as a ladder."""

REGION = "VN"
"""Whose numbers these all are."""

CAMPAIGN = "demo"
"""The campaign, and its list of leads."""

QUEUE = "outreach"
"""Its agents'."""

TRUNK_ADDRESS = "127.0.0.2"
"""Where the campaign's callees are: the trunk of the routes."""

AGENTS = (
    AgentPlan("john", 1000, answers_after=0.8),
    AgentPlan("linh", 1200, answers_after=1.2),
    AgentPlan("mai", 1400, answers_after=1.0, dials_login=True),
)
"""In the order of their login: the longest idle is offered the first call."""

OUTREACH = AgentPlan("tuan", 1600, answers_after=1.0)
"""Comes for the campaign, when the callers have gone."""

CAMPAIGNERS = ("john", "tuan")
"""Who talks with the campaign's callees."""
