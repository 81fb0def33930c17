"""SIP as bytes from the trunk's address: what no proper phone would ever send."""

import asyncio
import re
import socket
import uuid
from dataclasses import dataclass

TRUNK = "127.0.0.2"
FINAL_SECONDS = 20.0


@dataclass
class Response:
    """A response to us, or a request for us (``status`` 0)."""

    text: str

    @property
    def status(self):
        """200 of ``SIP/2.0 200 OK``."""
        found = re.match(r"SIP/2\.0 (\d{3})", self.text)
        return int(found[1]) if found else 0

    def header(self, name):
        """The first value of a header."""
        found = re.search(rf"^{name}: *(.*?)\r$", self.text, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


class WireCall:
    """One dialog on a socket of its own; requests of the far end are answered 200."""

    def __init__(self, server):
        self._socket, self._rtp = _udp(), _udp()
        self._server = server
        self._port = self._socket.getsockname()[1]
        self._branch = f"z9hG4bK{uuid.uuid4().hex}"
        self._from = ""
        self._sequence = 1
        self.call_id = uuid.uuid4().hex
        self.uri = ""
        self.to = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Give the ports back."""
        self._socket.close()
        self._rtp.close()

    async def send(self, data):
        """Any bytes."""
        await asyncio.get_running_loop().sock_sendto(self._socket, data, self._server)

    async def invite(self, number, *, caller='"Caller" <sip:0905000000@127.0.0.2>', body=None):
        """Call the user part ``number``; ``caller`` is the From as it stands. Returns the bytes."""
        at = f"{self._server[0]}:{self._server[1]}"
        self.uri = f"sip:{number}@{at}" if number else f"sip:{at}"
        self._from, self.to = f"{caller};tag={uuid.uuid4().hex}", f"<{self.uri}>"
        sdp = self.sdp() if body is None else body
        data = self._request("INVITE", 1, sdp, "Content-Type: application/sdp" if sdp else "")
        await self.send(data)
        return data

    async def ack(self, refused=False):
        """Confirm the answer, or the refusal, whose ACK belongs to the INVITE's transaction."""
        await self.send(self._request("ACK", 1, branch=self._branch if refused else None))

    async def bye(self):
        """Hang up."""
        self._sequence += 1
        await self.send(self._request("BYE", self._sequence, branch=f"z9hG4bK{uuid.uuid4().hex}"))

    async def cancel(self):
        """Give up before the answer."""
        await self.send(self._request("CANCEL", 1))

    async def final(self, method="INVITE", patience=FINAL_SECONDS):
        """The final response to ``method``; a refused INVITE is acknowledged."""
        response = await self.until(
            lambda r: r.status >= 200 and r.header("CSeq").endswith(method), patience
        )
        if method == "INVITE":
            self.to = response.header("To")
            if response.status >= 300:
                await self.ack(refused=True)
        return response

    async def until(self, wanted, patience=FINAL_SECONDS):
        """Read, answering requests, until a message is ``wanted``."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(patience):
            while True:
                message = Response((await loop.sock_recv(self._socket, 65535)).decode())
                if not message.status:
                    await self._agree(message)
                if wanted(message):
                    return message

    async def whole_call(self):
        """After the INVITE: confirm the answer and hang up. Returns the final status."""
        response = await self.final()
        if response.status == 200:
            await self.ack()
            await self.bye()
            assert (await self.final("BYE")).status in (200, 481)  # or they hung up just now
        return response.status

    def sdp(self, codecs="0 101"):
        """An offer of G.711 and keys, to a port that is bound and not read."""
        return (
            f"v=0\r\no=- 1 1 IN IP4 {TRUNK}\r\ns=-\r\nc=IN IP4 {TRUNK}\r\nt=0 0\r\n"
            f"m=audio {self._rtp.getsockname()[1]} RTP/AVP {codecs}\r\n"
            "a=rtpmap:101 telephone-event/8000\r\n"
        )

    def _request(self, method, number, body="", *headers, branch=None):
        lines = [
            f"{method} {self.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {TRUNK}:{self._port};rport;branch={branch or self._branch}",
            "Max-Forwards: 70",
            f"From: {self._from}",
            f"To: {self.to}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:odd@{TRUNK}:{self._port}>",
            *filter(None, headers),
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", body]).encode()

    async def _agree(self, request):
        if request.text.startswith("ACK"):
            return
        names = ("Via", "From", "To", "Call-ID", "CSeq")
        copied = [f"{name}: {request.header(name)}" for name in names]
        lines = ["SIP/2.0 200 OK", *copied, "Content-Length: 0", "", ""]
        await self.send("\r\n".join(lines).encode())


def _udp():
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind((TRUNK, 0))
    bound.setblocking(False)
    return bound
