"""A run of ports of its own for each private Asterisk on this machine.

Asking the system for free ports one by one cannot give an RTP range, and leaves a gap in which
another takes them. So the ports below the system's own ephemeral ones are dealt in units, and
whoever takes a unit says so by an abstract Unix socket: seen by every process of the machine,
freed by the kernel when its owner dies.
"""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self

_FIRST, _LAST, _UNIT = 10_000, 32_700, 100
LISTENING = 10
"""How many ports at the head of a block are for listening: SIP, HTTP, AMI; the others are RTP's."""


class PortsTaken(Exception):
    """Too many private Asterisks on this machine at once, or other programs hold their ports."""


class PortBlock:
    """``LISTENING`` free ports from ``first`` on, then at least ``rtp_ports`` for RTP.

    Held until ``release()`` or the end of the process.
    """

    def __init__(self, rtp_ports: int) -> None:
        units = -(-(LISTENING + rtp_ports) // _UNIT)
        for first in range(_FIRST, _LAST - units * _UNIT, _UNIT):
            self._claims = _claims(first, units)
            if self._claims and all(is_free(first + offset) for offset in range(LISTENING)):
                self.first = first
                self.rtp_first = first + LISTENING
                self.rtp_last = first + units * _UNIT - 1
                return
            self.release()
        raise PortsTaken(f"no {units * _UNIT} ports in a row are free from {_FIRST} to {_LAST}")

    def release(self) -> None:
        """Let others have the ports."""
        while self._claims:
            self._claims.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _claims(first: int, units: int) -> list[socket.socket]:
    """A claim on each unit from ``first`` on; none when another has one of them."""
    claims: list[socket.socket] = []
    for number in range(units):
        claim = _claim(f"ports-{first + number * _UNIT}")
        if claim is None:
            for taken in claims:
                taken.close()
            return []
        claims.append(claim)
    return claims


def _claim(what: str) -> socket.socket | None:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0tongdai-{what}")
    except OSError:
        claim.close()
        return None
    return claim


def take(port: int) -> socket.socket | None:
    """Nobody has ``port``, and no other center takes it before this claim is closed; None when
    somebody has it.

    Two centers that start at once would both find it free, and only one would be called.
    """
    claim = _claim(f"port-{port}")
    if claim is not None and not is_free(port):
        claim.close()
        return None
    return claim


def is_free(port: int) -> bool:
    """Nobody listens on ``port`` of the loopback address, neither by TCP nor by UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:  # a closed connection's rest is no listener
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
