"""Requests to a store are signed as Amazon's own examples are."""

from __future__ import annotations

import hashlib

from engine.recordings.signing import EMPTY_SHA256, Credentials, quoted, signed

# "Signature Calculations for the Authorization Header", Amazon S3 API Reference.
EXAMPLE = Credentials(
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
)
HOST = "examplebucket.s3.amazonaws.com"
MAY_24 = 1369353600.0


def signature(headers: dict[str, str]) -> str:
    return headers["authorization"].rpartition("Signature=")[2]


def test_a_range_is_asked_for_as_in_amazon_s_example() -> None:
    asked = signed(EXAMPLE, "GET", HOST, "/test.txt", {"Range": "bytes=0-9"}, EMPTY_SHA256, MAY_24)
    assert signature(asked) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    assert "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date," in asked["authorization"]


def test_a_file_is_put_as_in_amazon_s_example() -> None:
    headers = {
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
    }
    body = hashlib.sha256(b"Welcome to Amazon S3.").hexdigest()
    asked = signed(EXAMPLE, "PUT", HOST, "/test$file.text", headers, body, MAY_24)
    assert signature(asked) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"


def test_names_are_quoted_once_and_slashes_stay() -> None:
    assert quoted("/calls/ho chi minh/a+b~c.wav") == "/calls/ho%20chi%20minh/a%2Bb~c.wav"


def test_nobody_reads_the_secret_in_a_log() -> None:
    assert EXAMPLE.secret_key not in repr(EXAMPLE)
