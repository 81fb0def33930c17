"""A caller of a few lines: SIP over UDP, its RTP port open but silent."""

from __future__ import annotations

import asyncio
import re
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP message as it came: its first line, its whole text."""

    first_line: str
    text: str

    @property
    def status(self) -> int:
        """The status of a response; 0 for a request."""
        word = self.first_line.split()[1]
        return int(word) if self.first_line.startswith("SIP/2.0") else 0

    def header(self, name: str) -> str:
        """The value of the first header ``name``."""
        found = re.search(rf"^{name}: *(.*?)\r$", self.text, re.MULTILINE | re.IGNORECASE)
        assert found, f"no {name} in {self.text}"
        return found[1]

    @property
    def rtp_port(self) -> int:
        """Where the other side of an SDP wants its RTP."""
        found = re.search(r"^m=audio (\d+)", self.text, re.MULTILINE)
        assert found, self.text
        return int(found[1])


class UdpCaller:
    """One dialog from ``host``; answers every request that it is sent with 200."""

    def __init__(self, host: str, server: tuple[str, int], *, user: str = "0900000001") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.setblocking(False)
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp.bind((host, 0))
        self._host, self._port = self._socket.getsockname()
        self._server, self._user = server, user
        self._tag, self._call_id = uuid.uuid4().hex, uuid.uuid4().hex
        self.answer: Message | None = None
        self._asked = ""  # CSeq of our last request
        self._offers = 0

    def __enter__(self) -> UdpCaller:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._rtp.close()

    async def invite(self, number: str) -> None:
        """Call ``number``, a SIP user part as it goes over the wire."""
        self._target = f"sip:{number}@{self._server[0]}:{self._server[1]}"
        await self._offer("sendrecv")

    async def hold(self, held: bool) -> None:
        """Put the other side on hold, or take it back; until that is answered."""
        await self._offer("sendonly" if held else "sendrecv")
        assert (await self.final()).status == 200

    async def _offer(self, direction: str) -> None:
        self._offers += 1
        sdp = (
            f"v=0\r\no=- 1 {self._offers} IN IP4 {self._host}\r\n"
            f"s=-\r\nc=IN IP4 {self._host}\r\nt=0 0\r\n"
            f"m=audio {self._rtp.getsockname()[1]} RTP/AVP 0 101\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
        )
        await self._send("INVITE", self._offers, body=sdp)

    async def register(self) -> None:
        """Ask for a registration, without credentials."""
        self._target = f"sip:{self._server[0]}:{self._server[1]}"
        await self._send("REGISTER", 1)

    async def hang_up(self) -> None:
        """End an answered call."""
        await self._send("BYE", self._offers + 1)

    async def notify(self, refer: Message, status: str) -> None:
        """Tell how the transfer that ``refer`` asked for has ended."""
        headers = [
            f"Event: refer;id={refer.header('CSeq').split()[0]}",
            "Subscription-State: terminated;reason=noresource",
            "Content-Type: message/sipfrag;version=2.0",
        ]
        await self._send("NOTIFY", 3, f"SIP/2.0 {status}\r\n", headers)

    async def next(self) -> Message:
        """The next message for us; a 200 to INVITE is acknowledged, a request answered."""
        loop = asyncio.get_running_loop()
        text = (await loop.sock_recv(self._socket, 65535)).decode()
        message = Message(text.split("\r\n", 1)[0], text)
        if not message.status:
            await self._reply(message)
        elif message.status >= 200 and message.header("CSeq").endswith("INVITE"):
            self.answer = message
            await self._send("ACK", int(message.header("CSeq").split()[0]))
        return message

    async def until(self, *wanted: str) -> Message:
        """Read until a first line begins with one of ``wanted``."""
        while True:
            message = await self.next()
            if message.first_line.startswith(wanted):
                return message

    async def final(self) -> Message:
        """Read until our last request has its final response; one of an earlier request comes
        again when its ACK is late."""
        while True:
            message = await self.next()
            if message.status >= 200 and message.header("CSeq") == self._asked:
                return message

    async def _send(
        self, method: str, number: int, body: str = "", headers: Sequence[str] = ()
    ) -> None:
        sequence = f"{number} {method}"
        if method != "ACK":
            self._asked = sequence
        to = self.answer.header("To") if self.answer else f"<{self._target}>"
        own = f"sip:{self._user}@{self._host}:{self._port}"
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK{uuid.uuid4().hex}",
            "Max-Forwards: 70",
            f"From: <sip:{self._user}@{self._host}>;tag={self._tag}",
            f"To: {to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {sequence}",
            f"Contact: <{own}>",
            *(headers or ["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        await self._out("\r\n".join(lines) + "\r\n\r\n" + body)

    async def _reply(self, request: Message) -> None:
        copied = [
            f"{name}: {request.header(name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")
        ]
        await self._out("\r\n".join(["SIP/2.0 200 OK", *copied, "Content-Length: 0"]) + "\r\n\r\n")

    async def _out(self, text: str) -> None:
        await asyncio.get_running_loop().sock_sendto(self._socket, text.encode(), self._server)
