"""The systems that the example flows ask: customers, orders, SMS, cards, appointments, outages.

One small server on loopback, for the demo and for `tongdai run` without `systems` of its own. All
callers are its one customer; what it is told is kept until it ends, to be looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

CUSTOMER: Final = "100200"
PIN: Final = "729481"
GOOD_CARD: Final = "4111111111111111"
"""The only card that pays; card networks keep this number for tests."""
ORDER: Final = "4711"
BALANCE, BILL = 12_500_000, 450_000
KEY: Final = "example-key"
"""What the payment gateway is shown as ``${secret:PAY_KEY}``."""

_NAMES = ("crm", "sms", "pay", "clinic", "grid")


class ExampleSystems:
    """``async with ExampleSystems(say) as systems``; ``say`` is told of each SMS.

    ``charges`` are what cards have paid, without the cards; ``appointments`` by patient.
    """

    def __init__(self, say: Callable[[str], None] = lambda _: None) -> None:
        self.charges: dict[str, int] = {}
        self.appointments: dict[str, str] = {}
        self._say = say
        self._url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [
                web.get("/crm/customers/{number}", self._customer),
                web.get("/crm/customers/by-number/{customer}", self._customer),
                web.post("/crm/pin", self._pin),
                web.get("/crm/accounts/{customer}", self._account),
                web.get("/crm/bills/{customer}", self._bill),
                web.get("/crm/orders/{order}", self._order),
                web.post("/crm/visits", self._noted),
                web.post("/sms/send", self._sms),
                web.post("/pay/charges", self._charge),
                web.get("/clinic/free", self._free),
                web.post("/clinic/appointments", self._book),
                web.get("/clinic/appointments/{patient}", self._appointment),
                web.delete("/clinic/appointments/{patient}", self._cancel),
                web.get("/clinic/on-duty", self._on_duty),
                web.get("/grid/outages/{number}", self._outage),
                web.post("/grid/reminders", self._noted),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await asyncio.shield(self._runner.cleanup())

    @property
    def environment(self) -> dict[str, str]:
        """How an engine is told where these systems are, and the secret of one."""
        systems = ",".join(f"{name}={self._url}/{name}" for name in _NAMES)
        return {"TONGDAI_SYSTEMS": systems, "TONGDAI_SECRET_PAY_KEY": KEY}

    # -- customers and orders -------------------------------------------------------------------

    async def _customer(self, request: web.Request) -> web.Response:
        if request.match_info.get("customer", CUSTOMER) != CUSTOMER:
            raise web.HTTPNotFound
        mobile = request.match_info.get("number", "0900000000")
        return web.json_response({"id": CUSTOMER, "tier": "silver", "mobile": mobile})

    async def _pin(self, request: web.Request) -> web.Response:
        asked = await request.json()
        return web.json_response({}, status=200 if asked.get("pin") == PIN else 403)

    async def _account(self, _request: web.Request) -> web.Response:
        return web.json_response({"balance": BALANCE})

    async def _bill(self, _request: web.Request) -> web.Response:
        if "B-17" in self.charges:
            raise web.HTTPNotFound
        due = _today() + timedelta(days=9)
        return web.json_response({"number": "B-17", "amount": BILL, "due": due.isoformat()})

    async def _order(self, request: web.Request) -> web.Response:
        if request.match_info["order"] != ORDER:
            raise web.HTTPNotFound
        day = _today() + timedelta(days=1)
        return web.json_response({"state": "on_the_way", "day": day.isoformat()})

    async def _sms(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self._say(f"SMS to {asked.get('to')}: your code is {asked.get('code')}")
        return web.json_response({}, status=202)

    async def _noted(self, _request: web.Request) -> web.Response:
        return web.json_response({}, status=201)

    # -- cards ----------------------------------------------------------------------------------

    async def _charge(self, request: web.Request) -> web.Response:
        """A charge with a key that was seen before is not made twice."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise web.HTTPUnauthorized
        asked: dict[str, Any] = await request.json()
        if asked.get("card") != GOOD_CARD:
            return web.json_response({}, status=402)
        self.charges[str(asked["bill"])] = int(asked["amount"])
        return web.json_response({"token": f"tok_{len(self.charges)}"})

    # -- appointments ---------------------------------------------------------------------------

    async def _free(self, request: web.Request) -> web.Response:
        times = [f"{request.query['day']}T{hour}" for hour in ("08:30", "10:00")]
        free = [time for time in times if time not in self.appointments.values()]
        return web.json_response({"free": free}, status=200 if free else 404)

    async def _book(self, request: web.Request) -> web.Response:
        asked = await request.json()
        patient, time = str(asked["patient"]), str(asked["time"])
        others = {at for who, at in self.appointments.items() if who != patient}
        if time in others:
            return web.json_response({}, status=409)
        self.appointments[patient] = time
        return web.json_response({}, status=201)

    async def _appointment(self, request: web.Request) -> web.Response:
        time = self.appointments.get(request.match_info["patient"])
        if time is None:
            raise web.HTTPNotFound
        return web.json_response({"time": time})

    async def _cancel(self, request: web.Request) -> web.Response:
        self.appointments.pop(request.match_info["patient"], None)
        return web.json_response({})

    async def _on_duty(self, _request: web.Request) -> web.Response:
        return web.json_response({"number": "+84901112222"})

    async def _outage(self, _request: web.Request) -> web.Response:
        until = datetime.now(UTC) + timedelta(hours=2)
        return web.json_response({"area": "Quận 7", "until": until.isoformat(timespec="minutes")})


def _today() -> date:
    return datetime.now(UTC).date()
