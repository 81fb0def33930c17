"""Requests to other systems: secrets by reference, and callers who would hear nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.ivr.findings import Finding, Path, did_you_mean
from engine.ivr.lint.known import Known, error, warning
from engine.ivr.schema import Call, Flow, Http, Identify, Node, Payment
from engine.ivr.schema.lookups import SECRET, SYSTEM

SILENCE_SECONDS = 5.0

_SECRET_NAME = re.compile(
    r"authorization|cookie|api[-_]?key|token|secret|password|passwd|credential", re.IGNORECASE
)
_REFERENCE = re.compile(r"\$\{secret:|\{\{")
_LOCAL = re.compile(r"http://(localhost|127\.|\[::1\]|10\.|192\.168\.)")


def check_requests(flow: Flow, known: Known) -> Iterator[Finding]:
    """Every request of every node."""
    for at, call in requests_of(flow):
        yield from _in_clear(at, call)
        yield from _in_address(at, call)
        yield from _references(at, call, known)
        yield from _system(at, call, known)
        yield from _unencrypted(at, call)
        if call.timeout_seconds > SILENCE_SECONDS and not _filler(flow.nodes[str(at[1])]):
            seconds = f"{call.timeout_seconds:g} s"
            message = f"the caller may hear nothing for {seconds}"
            path = (*at, "timeout_seconds")
            yield warning(path, "W612", message, "add a `filler`, or wait less long")


def requests_of(flow: Flow) -> Iterator[tuple[Path, Call]]:
    """Every request of a flow, with its place."""
    for name, node in flow.nodes.items():
        for place, call in _calls(node):
            yield ("nodes", name, *place), call


def _calls(node: Node) -> Iterator[tuple[Path, Call]]:
    if isinstance(node, Http):
        yield (), node
    elif isinstance(node, Identify | Payment):
        yield from node.calls()


def _filler(node: Node) -> bool:
    return bool(node.filler) if isinstance(node, Http | Identify | Payment) else True


def _in_clear(at: Path, call: Call) -> Iterator[Finding]:
    """A password or a token that is written in the file, for everybody who reads it."""
    places: list[tuple[Path, str, Any]] = []
    for field in ("headers", "params"):
        places += [((field, name), name, text) for name, text in getattr(call, field).items()]
    places += [(("url",), name, text) for name, text in _parameters(call.url)]
    places += list(_named(("body",), call.body))
    for path, name, text in places:
        if not isinstance(text, str) or not text or _REFERENCE.search(text):
            continue
        if _SECRET_NAME.search(name):
            message = f"`{name}` is a secret, written in clear"
            hint = "send ${secret:NAME} in `headers` or `body`, and keep its value in secrets_file"
            yield error((*at, *path), "E614", message, hint)


def _in_address(at: Path, call: Call) -> Iterator[Finding]:
    """A secret of the installation in what proxies and logs write down."""
    places = [
        (("url",), call.url),
        *((("params", name), call.params[name]) for name in call.params),
    ]
    for path, text in places:
        for name in SECRET.findall(text):
            message = f"the secret `{name}` would be written down with the address"
            hint = "a secret can only be sent in the `headers` or the `body` of a request"
            yield error((*at, *path), "E613", message, hint, word=name)


def _parameters(url: str) -> Iterator[tuple[str, str]]:
    for pair in url.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if value:
            yield name, value


def _named(path: Path, value: Any) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str):
                yield (*path, name), name, inner
            else:
                yield from _named((*path, name), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _named((*path, index), inner)


def _references(at: Path, call: Call, known: Known) -> Iterator[Finding]:
    for path, name in call.secrets():
        if known.secrets is not None and name not in known.secrets:
            message = f"this installation has no secret `{name}`"
            hint = did_you_mean(name, known.secrets) or f"set TONGDAI_SECRET_{name.upper()}"
            yield warning((*at, *path), "W610", message, hint, word=name)


def _system(at: Path, call: Call, known: Known) -> Iterator[Finding]:
    for name in SYSTEM.findall(call.url):
        if known.systems is not None and name not in known.systems:
            message = f"this installation has no system `{name}`"
            hint = did_you_mean(name, known.systems) or f"add {name}=https://… to `systems`"
            yield error((*at, "url"), "E621", message, hint, word=name)


def _unencrypted(at: Path, call: Call) -> Iterator[Finding]:
    if call.url.startswith("http://") and not _LOCAL.match(call.url):
        message = "the request goes over the network unencrypted"
        yield warning((*at, "url"), "W615", message, "write https://")
