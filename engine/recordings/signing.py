"""AWS Signature Version 4, as S3 and the stores that speak its language want it. PURE.

Source: the user guide of IAM, "Create a signed AWS API request", and of S3, "Authenticating
requests: using the Authorization header". A library that does it brings an HTTP client of its own
and all of AWS; what we need is this page and the client that we have.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks, and where: the key that one may see, the other one, and the region."""

    access_key: str
    secret_key: str = field(repr=False)
    region: str


def signed(
    credentials: Credentials,
    method: str,
    host: str,
    path: str,
    headers: Mapping[str, str],
    body_sha256: str,
    now: float,
) -> dict[str, str]:
    """All headers of a request for ``path`` (as it is, not quoted) without a query, signed.

    ``now`` is in seconds since the epoch; a store refuses what is more than 15 minutes off.
    """
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
    own = {"host": host, "x-amz-content-sha256": body_sha256, "x-amz-date": moment}
    all_headers = {name.lower(): value.strip() for name, value in headers.items()} | own
    names = ";".join(sorted(all_headers))
    canonical = "\n".join(
        (
            method,
            quoted(path),
            "",
            *(f"{name}:{all_headers[name]}" for name in sorted(all_headers)),
            "",
            names,
            body_sha256,
        )
    )
    scope = f"{moment[:8]}/{credentials.region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    told = "\n".join((_ALGORITHM, moment, scope, digest))
    signature = hmac.new(_key(credentials, scope), told.encode(), hashlib.sha256).hexdigest()
    all_headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return all_headers


def quoted(path: str) -> str:
    """As it stands in the address, and in what is signed: S3 quotes once, and slashes never."""
    return quote(path, safe="/-_.~")


def _key(credentials: Credentials, scope: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
