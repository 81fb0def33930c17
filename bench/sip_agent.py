"""An agent's phone of the smallest kind, whose every packet is timed at its socket.

It registers, answers each call at once and hangs up after a while, or waits to be hung up on. It
has one line: a call that comes while it talks is refused as busy. No audio: what it measures is
signalling. Received packets bear the kernel's time stamp, so the time that this process needs to
wake up is not in what is measured.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_SO_TIMESTAMPNS = 35  # Linux; Python has no name for it
_ANCILLARY = socket.CMSG_SPACE(16)
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\n"
)


@dataclass(frozen=True, slots=True)
class Message:
    """A SIP request or response, as far as this phone needs it."""

    first: str
    headers: dict[str, list[str]]  # names in lower case

    @classmethod
    def parse(cls, packet: bytes) -> Message:
        """Split the head of a packet; its body is of no interest."""
        first, *lines = packet.decode().partition("\r\n\r\n")[0].split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        return cls(first, headers)

    def __getitem__(self, name: str) -> str:
        return self.headers[name][0]

    @property
    def method(self) -> str:
        """Of the request, or of the request that this answers."""
        return self["cseq"].split()[1]

    @property
    def status(self) -> int:
        """0 for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0") else 0


@dataclass(slots=True)
class Served:
    """One call at this phone; times in seconds since the epoch."""

    invite: Message
    invited: float
    talk_seconds: float | None  # from the ACK until we hang up; None leaves that to the caller
    tag: str = field(default_factory=lambda: secrets.token_hex(4))
    freed: float | None = None  # our BYE was sent, or theirs has come


class SipAgent:
    """Use as ``async with SipAgent(…)``.

    ``calls`` are all that were answered, in order; ``refused`` are the Call-IDs of those that found
    it talking. ``talks`` has the seconds of the talks to come, without end; None leaves it to the
    callers to hang up. It may be changed between two calls.
    """

    def __init__(self, extension: str, secret: str, target: tuple[str, int]) -> None:
        self.calls: list[Served] = []
        self.refused: set[str] = set()
        self.talks: Iterator[float] | None = None
        self._extension, self._secret, self._target = extension, secret, target
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # takes the audio, unread
        self._by_id: dict[str, Served] = {}
        self._registered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._expires, self._number = 3600, 0  # longer than any measurement: it is not renewed
        self._identity = f"{secrets.token_hex(8)}@bench"
        self._tag = secrets.token_hex(4)

    async def __aenter__(self) -> SipAgent:
        host = self._target[0]
        for each in (self._socket, self._rtp):
            each.bind((host, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)
        asyncio.get_running_loop().add_reader(self._socket, self._read)
        self._register()
        await asyncio.wait_for(self._registered, 5)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._expires = 0
        self._registered = asyncio.get_running_loop().create_future()
        self._register()
        try:
            await asyncio.wait_for(self._registered, 5)
        finally:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._rtp.close()

    # -- packets ------------------------------------------------------------------------------

    def _read(self) -> None:
        packet, ancillary, _, _ = self._socket.recvmsg(65535, _ANCILLARY)
        at = _kernel_time(ancillary)
        if not packet.strip() or packet[0] & 0x80:
            return  # a keep-alive, or RTCP of the port below ours
        message = Message.parse(packet)
        if message.status:
            self._on_response(message)
        else:
            self._on_request(message, at)

    def _send(self, first: str, headers: list[str], body: str = "") -> float:
        """Send one message; when that was."""
        if body:
            headers = [*headers, "Content-Type: application/sdp"]
        head = "\r\n".join([first, *headers, f"Content-Length: {len(body)}", "", ""])
        at = time.time()
        self._socket.sendto((head + body).encode(), self._target)
        return at

    @property
    def _here(self) -> str:
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def _via(self) -> str:
        return f"Via: SIP/2.0/UDP {self._here};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    # -- calls --------------------------------------------------------------------------------

    def _on_request(self, request: Message, at: float) -> None:
        call = self._by_id.get(request["call-id"])
        match request.method:
            case "INVITE":
                self._on_invite(request, call, at)
            case "ACK":
                if call is not None and call.talk_seconds is not None:
                    asyncio.get_running_loop().call_later(call.talk_seconds, self._bye, call)
            case "BYE":
                if call is not None:
                    call.freed = call.freed or at
                self._answer(request, "", "200 OK")
            case _:
                self._answer(request, "", "200 OK")

    def _on_invite(self, request: Message, call: Served | None, at: float) -> None:
        if call is None:
            if self.calls and self.calls[-1].freed is None:
                self.refused.add(request["call-id"])
                self._answer(request, self._tag, "486 Busy Here")
                return
            call = Served(request, at, next(self.talks) if self.talks else None)
            self._by_id[request["call-id"]] = call
            self.calls.append(call)
            self._answer(request, call.tag, "180 Ringing")
        host, port = self._audio()
        self._answer(request, call.tag, "200 OK", _SDP.format(host=host, port=port))

    def _audio(self) -> tuple[str, int]:
        """Where audio is sent; here it is taken and not listened to."""
        host, port = self._rtp.getsockname()
        return host, port

    def _answer(self, request: Message, tag: str, status: str, body: str = "") -> None:
        copied = [
            f"{name}: {value}"
            for name in ("via", "record-route", "from", "call-id", "cseq")
            for value in request.headers.get(name, [])
        ]
        to = request["to"] if "tag=" in request["to"] or not tag else f"{request['to']};tag={tag}"
        contact = f"Contact: <sip:{self._extension}@{self._here}>"
        self._send(f"SIP/2.0 {status}", [*copied, f"To: {to}", contact], body)

    def _bye(self, call: Served) -> None:
        if call.freed is not None:
            return
        invite = call.invite
        uri = re.sub(r".*<([^>]*)>.*", r"\1", invite["contact"])
        call.freed = self._send(
            f"BYE {uri} SIP/2.0",
            [
                self._via(),
                f"From: {invite['to']};tag={call.tag}",
                f"To: {invite['from']}",
                f"Call-ID: {invite['call-id']}",
                "CSeq: 1 BYE",
                "Max-Forwards: 70",
            ],
        )

    # -- registration -------------------------------------------------------------------------

    def _register(self, authorization: str = "") -> None:
        self._number += 1
        identity = f"<sip:{self._extension}@{self._target[0]}>"
        headers = [
            self._via(),
            f"From: {identity};tag={self._tag}",
            f"To: {identity}",
            f"Call-ID: {self._identity}",
            f"CSeq: {self._number} REGISTER",
            f"Contact: <sip:{self._extension}@{self._here}>",
            f"Expires: {self._expires}",
            "Max-Forwards: 70",
        ]
        if authorization:
            headers.append(authorization)
        self._send(f"REGISTER {self._registrar} SIP/2.0", headers)

    @property
    def _registrar(self) -> str:
        return "sip:{}:{}".format(*self._target)

    def _on_response(self, response: Message) -> None:
        if response.method != "REGISTER" or self._registered.done():
            return
        if response.status == 401 and "authorization" not in response.headers:
            self._register(self._digest(response["www-authenticate"]))
        elif response.status == 200:
            self._registered.set_result(None)
        elif response.status > 200:
            self._registered.set_exception(ConnectionError(response.first))

    def _digest(self, challenge: str) -> str:
        """RFC 2617 with qop=auth, which is what Asterisk asks for."""
        asked = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge))
        client_nonce = secrets.token_hex(8)
        first = _md5(f"{self._extension}:{asked['realm']}:{self._secret}")
        second = _md5(f"REGISTER:{self._registrar}")
        proof = _md5(f"{first}:{asked['nonce']}:00000001:{client_nonce}:auth:{second}")
        return (
            f'Authorization: Digest username="{self._extension}", realm="{asked["realm"]}", '
            f'nonce="{asked["nonce"]}", uri="{self._registrar}", response="{proof}", '
            f'algorithm=MD5, qop=auth, nc=00000001, cnonce="{client_nonce}"'
            + (f', opaque="{asked["opaque"]}"' if "opaque" in asked else "")
        )


def _kernel_time(ancillary: list[tuple[int, int, bytes]]) -> float:
    """When the packet reached the socket, seconds since the epoch."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return float(seconds + nanoseconds / 1e9)
    return time.time()


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
