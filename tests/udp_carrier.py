"""The carrier's side of a trunk that numbers are dialed through: customers who are called.

SIP over UDP in a few lines, each customer's RTP port open but silent, unless he has an ear and a
mouth (``engine.demo.rtp``). What a customer does is told to his ``CalledCustomer`` once his phone
rings.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from engine.demo.rtp import RtpParty, parties

PATIENCE = 20.0


class CalledCustomer:
    """One phone that is called. ``number`` is what was dialed, ``caller_id`` what it shows;
    ``invite`` and ``end`` are the requests that began it and ended it."""

    def __init__(self, carrier: UdpCarrier, invite: str, peer: tuple[str, int]) -> None:
        self.number = re.match(r"INVITE sip:([^@;]+)@", invite)[1]  # type: ignore[index]
        self.caller_id = re.search(r"sip:([^@>;]*)", _header(invite, "From"))[1]  # type: ignore[index]
        self.at = time.time()
        self.ended = asyncio.Event()
        self.connected = asyncio.Event()
        self.cancelled = False
        self._carrier, self.invite, self._peer = carrier, invite, peer
        self.end = ""
        self._tag = uuid.uuid4().hex
        self.party = carrier.parties.popleft() if carrier.parties else None
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind((carrier.host, 0))
        self._respond(invite, "100 Trying")

    def ring(self) -> None:
        """180."""
        self._respond(self.invite, "180 Ringing")

    async def answer(self) -> None:
        """200, and wait for the ACK."""
        port = self.party.port if self.party else self._rtp.getsockname()[1]
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 {self._carrier.host}\r\ns=-\r\n"
            f"c=IN IP4 {self._carrier.host}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0 101\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"
        )
        self._respond(self.invite, "200 OK", sdp)
        await asyncio.wait_for(self.connected.wait(), PATIENCE)

    def refuse(self, status: str = "486 Busy Here") -> None:
        """A final no."""
        self._respond(self.invite, status)
        self.ended.set()

    def hang_up(self) -> None:
        """BYE."""
        contact = re.search(r"<([^>]+)>", _header(self.invite, "Contact"))[1]  # type: ignore[index]
        own = f"{self._carrier.host}:{self._carrier.port}"
        lines = [
            f"BYE {contact} SIP/2.0",
            f"Via: SIP/2.0/UDP {own};branch=z9hG4bK{uuid.uuid4().hex}",
            "Max-Forwards: 70",
            f"From: {_header(self.invite, 'To')};tag={self._tag}",
            f"To: {_header(self.invite, 'From')}",
            f"Call-ID: {_header(self.invite, 'Call-ID')}",
            "CSeq: 7001 BYE",
            "Content-Length: 0",
        ]
        self._carrier.send("\r\n".join([*lines, "", ""]), self._peer)
        self.ended.set()

    async def until_ended(self, patience: float = PATIENCE) -> None:
        """Until the far end hung up, or gave up."""
        await asyncio.wait_for(self.ended.wait(), patience)

    def hear(self, request: str) -> None:
        """A request of the far end within this call."""
        method = request.split()[0]
        if method == "ACK":
            self.connected.set()
            return
        if method in ("BYE", "CANCEL"):
            self.end = request
            self._respond(request, "200 OK")
        if method == "CANCEL":
            self.cancelled = True
            self._respond(self.invite, "487 Request Terminated")
        if method != "INVITE":  # which has been sent again
            self.ended.set()

    def close(self) -> None:
        """Give its port back."""
        self._rtp.close()

    def _respond(self, request: str, status: str, sdp: str = "") -> None:
        to = _header(request, "To")
        lines = [
            f"SIP/2.0 {status}",
            *(f"{name}: {_header(request, name)}" for name in ("Via", "From")),
            f"To: {to}" if "tag=" in to else f"To: {to};tag={self._tag}",
            *(f"{name}: {_header(request, name)}" for name in ("Call-ID", "CSeq")),
            f"Contact: <sip:customer@{self._carrier.host}:{self._carrier.port}>",
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(sdp)}",
        ]
        self._carrier.send("\r\n".join([*lines, "", sdp]), self._peer)


class UdpCarrier(asyncio.DatagramProtocol):
    """Listens at an address of the trunk. ``customers`` are those who were called, in order."""

    def __init__(self, host: str = "127.0.0.2", parties: Iterable[RtpParty] = ()) -> None:
        """``parties`` are the ears and mouths of those who are called, in order."""
        self.host, self.port = host, 0
        self.parties = deque(parties)
        self.customers: list[CalledCustomer] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.port = self._socket.getsockname()[1]
        self._new: asyncio.Queue[CalledCustomer] = asyncio.Queue()
        self._calls: dict[str, CalledCustomer] = {}

    @property
    def contact(self) -> str:
        """Where it is dialed."""
        return f"sip:{self.host}:{self.port}"

    async def __aenter__(self) -> UdpCarrier:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._socket)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._transport.close()
        for customer in self.customers:
            customer.close()

    @asynccontextmanager
    async def heard(self, tone_hz: float) -> AsyncIterator[RtpParty]:
        """The ear of who is called next, and his mouth, which says this tone."""
        party = RtpParty(tone_hz=tone_hz)
        async with parties(self.host, [party]):
            self.parties.append(party)
            yield party
            self.parties.clear()

    async def next(self, patience: float = PATIENCE) -> CalledCustomer:
        """The next customer who is called."""
        return await asyncio.wait_for(self._new.get(), patience)

    def send(self, text: str, peer: tuple[str, int]) -> None:
        """A message."""
        self._transport.sendto(text.encode(), peer)

    def datagram_received(self, data: bytes, peer: tuple[str | Any, int]) -> None:
        """A message of Asterisk's; responses to our BYE need no answer."""
        text = data.decode()
        if text.startswith("SIP/2.0"):
            return
        name = _header(text, "Call-ID")
        known = self._calls.get(name)
        if known is not None:
            known.hear(text)
        elif text.startswith("INVITE"):
            customer = self._calls[name] = CalledCustomer(self, text, peer)
            self.customers.append(customer)
            self._new.put_nowait(customer)


def _header(message: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r$", message, re.MULTILINE | re.IGNORECASE)
    assert found, f"no {name} in {message}"
    return found[1]
