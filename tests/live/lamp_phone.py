"""A desk phone of a few lines that can do one thing: register, and show its message lamp."""

import asyncio
import hashlib
import re
import socket
import uuid

REPLY_SECONDS = 5.0


class LampPhone:
    """Registered while in the block; ``shown`` is what it was told of messages, in order."""

    def __init__(self, extension, secret, server):
        self.shown = []
        self._extension, self._secret, self._server = extension, secret, server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._call_id = uuid.uuid4().hex
        self._replies = asyncio.Queue()

    async def __aenter__(self):
        self._reading = asyncio.get_running_loop().create_task(self._read())
        challenge = await self._register(1)
        given = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        reply = await self._register(2, self._authorization(given))
        assert reply.startswith("SIP/2.0 200"), reply
        return self

    async def __aexit__(self, *_):
        self._reading.cancel()
        self._socket.close()

    async def _register(self, sequence, authorization=""):
        host, port = self._socket.getsockname()
        server = f"{self._server[0]}:{self._server[1]}"
        await self._send(
            f"REGISTER sip:{server} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
            f"From: <sip:{self._extension}@{server}>;tag=lamp\r\n"
            f"To: <sip:{self._extension}@{server}>\r\nCall-ID: {self._call_id}\r\n"
            f"CSeq: {sequence} REGISTER\r\nMax-Forwards: 70\r\nExpires: 300\r\n"
            f"Contact: <sip:{self._extension}@{host}:{port}>\r\n"
            f"{authorization}Content-Length: 0\r\n\r\n"
        )
        return await asyncio.wait_for(self._replies.get(), REPLY_SECONDS)

    def _authorization(self, given):
        """RFC 7616 with MD5 and qop=auth, as Asterisk asks for it."""
        uri = f"sip:{self._server[0]}:{self._server[1]}"
        secret = _md5(f"{self._extension}:{given['realm']}:{self._secret}")
        counted = f"{given['nonce']}:00000001:lamp:auth"
        response = _md5(f"{secret}:{counted}:{_md5(f'REGISTER:{uri}')}")
        opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
        return (
            f'Authorization: Digest username="{self._extension}", realm="{given["realm"]}", '
            f'nonce="{given["nonce"]}", uri="{uri}", response="{response}", algorithm=MD5, '
            f'qop=auth, nc=00000001, cnonce="lamp"{opaque}\r\n'
        )

    async def _read(self):
        loop = asyncio.get_running_loop()
        while True:
            text = (await loop.sock_recv(self._socket, 65535)).decode()
            if text.startswith("SIP/2.0"):
                self._replies.put_nowait(text)
                continue
            if text.startswith("NOTIFY"):
                self.shown.append(text.partition("\r\n\r\n")[2].strip())
            kept = re.findall(r"^(?:Via|From|To|Call-ID|CSeq): .*?\r\n", text, re.M | re.I)
            await self._send(f"SIP/2.0 200 OK\r\n{''.join(kept)}Content-Length: 0\r\n\r\n")

    async def _send(self, text):
        loop = asyncio.get_running_loop()
        await loop.sock_sendto(self._socket, text.encode(), self._server)


def _md5(text):
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
