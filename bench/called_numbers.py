"""The numbers behind a trunk, each answered by a recording: a carrier in a few lines of SIP.

What is dialed is the place of a recording in the list; it is heard from the moment of the answer,
as RTP, 20 ms a packet. A number may be refused instead, behind a recording in its early media.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from typing import Any

from bench.greetings import Recording
from bench.sip_agent import Message
from engine.demo.rtp import PACKET_SAMPLES, SILENCE, RtpParty, parties, to_mulaw

HOST = "127.0.0.2"
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\n"
)


class Mouth(RtpParty):
    """Plays a recording, once it is told where to, and is silent afterwards."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self.ended = asyncio.Event()  # the far end has hung up
        self._said = to_mulaw(recording.pcm)
        self._place = 0

    def speak_to(self, peer: tuple[str, int], now: float) -> None:
        """From now on."""
        self._peer, self.first_heard = peer, now

    def _sound(self) -> bytes:
        part = self._said[self._place : self._place + PACKET_SAMPLES]
        self._place += PACKET_SAMPLES
        return part.ljust(PACKET_SAMPLES, SILENCE[:1])


class CalledNumbers(asyncio.DatagramProtocol):
    """Use as ``async with CalledNumbers(recordings)``; ``contact`` is where the trunk is dialed.

    A number in ``refused`` is never answered: its recording is heard in the early media, and then
    comes this status, such as ``404 Not Found``.
    """

    def __init__(
        self, recordings: Sequence[Recording], refused: Mapping[int, str] | None = None
    ) -> None:
        self._recordings, self._refused = recordings, refused or {}
        self.mouths = [Mouth(each) for each in recordings]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._calls: dict[str, Mouth] = {}
        self._invites: dict[int, tuple[Message, tuple[str, int]]] = {}
        self._tag = secrets.token_hex(4)

    @property
    def contact(self) -> str:
        """Where these numbers are dialed."""
        return f"sip:{self._here}"

    async def __aenter__(self) -> CalledNumbers:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=self._socket)
        self._media = parties(HOST, self.mouths)
        await self._media.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._transport.close()
        await self._media.__aexit__(*error)

    def datagram_received(self, data: bytes, peer: tuple[str | Any, int]) -> None:
        """asyncio: a request of Asterisk's. Each call is answered at once."""
        request = Message.parse(data)
        if request.status or request.method == "ACK":
            return
        if request.method == "INVITE":
            self._answer_call(request, data.decode(), peer)
            return
        if request.method == "BYE":  # the port that was spoken to may be given to another call
            self._calls[request["call-id"]].close()
            self._calls[request["call-id"]].ended.set()
        self._respond(request, peer, "200 OK")

    def _answer_call(self, invite: Message, text: str, peer: tuple[str, int]) -> None:
        number = re.match(r"INVITE sip:(\d+)@", invite.first)
        media = re.search(r"c=IN IP4 ([\d.]+).*m=audio (\d+)", text, re.DOTALL)
        assert number, text
        assert media, text
        place = int(number[1])
        mouth, status = self.mouths[place], self._refused.get(place)
        sdp = _SDP.format(host=HOST, port=mouth.port)
        self._respond(invite, peer, "183 Session Progress" if status else "200 OK", sdp)
        if invite["call-id"] in self._calls:  # it is sent again when the answer is slow
            return
        self._calls[invite["call-id"]], self._invites[place] = mouth, (invite, peer)
        loop = asyncio.get_running_loop()
        mouth.speak_to((media[1], int(media[2])), loop.time())
        if status:
            seconds = self._recordings[place].spoken_until
            loop.call_later(seconds, self._refuse, mouth, invite, peer, status)

    def _refuse(self, mouth: Mouth, invite: Message, peer: tuple[str, int], status: str) -> None:
        mouth.close()
        self._respond(invite, peer, status)

    def hang_up(self, place: int) -> None:
        """Who has answered this number puts the receiver down."""
        invite, peer = self._invites[place]
        contact = re.search(r"<([^>]+)>", invite["contact"])
        assert contact
        lines = [
            f"BYE {contact[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._here};branch=z9hG4bK{secrets.token_hex(8)}",
            f"From: {invite['to']};tag={self._tag}",
            f"To: {invite['from']}",
            f"Call-ID: {invite['call-id']}",
            "CSeq: 7001 BYE",
            "Max-Forwards: 70",
            "Content-Length: 0",
        ]
        self._transport.sendto("\r\n".join([*lines, "", ""]).encode(), peer)

    def _respond(
        self, request: Message, peer: tuple[str, int], status: str, body: str = ""
    ) -> None:
        to = request["to"] if "tag=" in request["to"] else f"{request['to']};tag={self._tag}"
        lines = [
            f"SIP/2.0 {status}",
            *(f"Via: {via}" for via in request.headers["via"]),
            *(f"{name}: {request[name.lower()]}" for name in ("From", "Call-ID", "CSeq")),
            f"To: {to}",
            f"Contact: <sip:called@{self._here}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._transport.sendto("\r\n".join([*lines, "", body]).encode(), peer)

    @property
    def _here(self) -> str:
        host, port = self._socket.getsockname()
        return f"{host}:{port}"
