"""A desk phone of a few lines that can do one thing: register, and show its message lamp."""

import asyncio
import re
import socket

from registering import register

REPLY_SECONDS = 20.0


class LampPhone:
    """Registered while in the block; ``shown`` is what it was told of messages, in order."""

    def __init__(self, extension, secret, server):
        self.shown = []
        self._extension, self._secret, self._server = extension, secret, server
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._replies = asyncio.Queue()

    async def __aenter__(self):
        self._reading = asyncio.get_running_loop().create_task(self._read())
        own = self._socket.getsockname()
        await register(self._extension, self._secret, self._server, own, self._ask)
        return self

    async def __aexit__(self, *_):
        self._reading.cancel()
        self._socket.close()

    async def _ask(self, request):
        await self._send(request)
        return await asyncio.wait_for(self._replies.get(), REPLY_SECONDS)

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
