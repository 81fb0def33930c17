"""The numbers behind a trunk, each answered by a recording: a carrier in a few lines of SIP.

What is dialed is the place of a recording in the list; it is heard from the moment of the answer,
as RTP, 20 ms a packet.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from collections.abc import Sequence
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
    """Use as ``async with CalledNumbers(recordings)``; ``contact`` is where the trunk is dialed."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self.mouths = [Mouth(each) for each in recordings]
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._calls: dict[str, Mouth] = {}
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
        self._respond(request, peer)

    def _answer_call(self, invite: Message, text: str, peer: tuple[str, int]) -> None:
        number = re.match(r"INVITE sip:(\d+)@", invite.first)
        media = re.search(r"c=IN IP4 ([\d.]+).*m=audio (\d+)", text, re.DOTALL)
        assert number, text
        assert media, text
        mouth = self.mouths[int(number[1])]
        self._respond(invite, peer, _SDP.format(host=HOST, port=mouth.port))
        if invite["call-id"] not in self._calls:  # it is sent again when the answer is slow
            self._calls[invite["call-id"]] = mouth
            mouth.speak_to((media[1], int(media[2])), asyncio.get_running_loop().time())

    def _respond(self, request: Message, peer: tuple[str, int], body: str = "") -> None:
        to = request["to"] if "tag=" in request["to"] else f"{request['to']};tag={self._tag}"
        lines = [
            "SIP/2.0 200 OK",
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
