"""A store that speaks S3 over loopback and believes nobody: it works out each signature itself.

Written from Amazon's description alone, from the request as it came over the wire.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

ACCESS, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-1"

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<who>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/s3/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)


class FakeS3:
    """``objects`` by path. ``damage`` changes what is put; ``failures`` next requests fail."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.refused: list[str] = []
        self.failures = 0
        self.damage = False
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.requests.append(f"{request.method} {request.path}")
        if why := self._wrong(request, body):
            self.refused.append(why)
            return web.Response(status=403, text=f"<Error><Code>{why}</Code></Error>")
        if self.failures:
            self.failures -= 1
            return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>")
        match request.method:
            case "PUT":
                self.objects[request.path] = body[:-1] + b"?" if self.damage else body
                return web.Response()
            case "DELETE":
                self.objects.pop(request.path, None)
                return web.Response(status=204)
        if request.path not in self.objects:
            return web.Response(status=404, text="<Error><Code>NoSuchKey</Code></Error>")
        found = self.objects[request.path]
        return web.Response(status=206, body=found[request.http_range])

    def _wrong(self, request: web.Request, body: bytes) -> str:
        given = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if given is None:
            return "no signature"
        if request.headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        names = given["names"].split(";")
        if not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
            return "a header that must be signed is not"
        lines = [f"{name}:{request.headers[name].strip()}\n" for name in names]
        canonical = (
            f"{request.method}\n{request.raw_path}\n\n{''.join(lines)}\n{given['names']}\n"
            f"{request.headers['x-amz-content-sha256']}"
        )
        moment = request.headers["x-amz-date"]
        scope = f"{given['day']}/{given['region']}/s3/aws4_request"
        text = (
            f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        )
        key = b"AWS4" + SECRET.encode()
        for part in (given["day"], REGION, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        right = hmac.digest(key, text.encode(), "sha256").hex()
        is_right = right == given["signature"] and given["who"] == ACCESS
        return "" if is_right and moment.startswith(given["day"]) else "SignatureDoesNotMatch"


@asynccontextmanager
async def fake_s3() -> AsyncIterator[FakeS3]:
    """One that serves, on a port of its own."""
    store = FakeS3()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", store.handle)
    async with TestServer(app) as server:
        store.url = str(server.make_url("")).rstrip("/")
        yield store
