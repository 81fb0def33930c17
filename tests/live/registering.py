"""How a desk phone of a few lines registers: REGISTER, the challenge, REGISTER again."""

import hashlib
import re
import uuid


async def register(extension, secret, server, own, ask):
    """Say that ``extension`` is at ``own``; ``ask`` sends a request and returns its response."""
    call_id = uuid.uuid4().hex
    challenge = await ask(_request(extension, server, own, call_id, 1))
    given = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    login = _authorization(extension, secret, server, given)
    reply = await ask(_request(extension, server, own, call_id, 2, login))
    assert reply.startswith("SIP/2.0 200"), reply


def _request(extension, server, own, call_id, sequence, authorization=""):
    where, here = (f"{host}:{port}" for host, port in (server, own))
    return (
        f"REGISTER sip:{where} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{uuid.uuid4().hex};rport\r\n"
        f"From: <sip:{extension}@{where}>;tag=phone\r\n"
        f"To: <sip:{extension}@{where}>\r\nCall-ID: {call_id}\r\n"
        f"CSeq: {sequence} REGISTER\r\nMax-Forwards: 70\r\nExpires: 300\r\n"
        f"Contact: <sip:{extension}@{here}>\r\n"
        f"{authorization}Content-Length: 0\r\n\r\n"
    )


def _authorization(extension, secret, server, given):
    """RFC 7616 with MD5 and qop=auth, as Asterisk asks for it."""
    uri = f"sip:{server[0]}:{server[1]}"
    secret = _md5(f"{extension}:{given['realm']}:{secret}")
    counted = f"{given['nonce']}:00000001:phone:auth"
    response = _md5(f"{secret}:{counted}:{_md5(f'REGISTER:{uri}')}")
    opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
    return (
        f'Authorization: Digest username="{extension}", realm="{given["realm"]}", '
        f'nonce="{given["nonce"]}", uri="{uri}", response="{response}", algorithm=MD5, '
        f'qop=auth, nc=00000001, cnonce="phone"{opaque}\r\n'
    )


def _md5(text):
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
