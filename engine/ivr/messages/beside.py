"""Actions beside the caller: requests, and what is kept of his call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.ivr.values import Value


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. Nothing in it that is secret may be written anywhere.

    ``url`` is complete, with its parameters; it may begin with ``${system:NAME}`` for the address
    of a system of the installation. In ``headers`` and in the texts of ``body``
    ``${secret:NAME}`` stands for a secret of the installation, put in at the last moment.
    ``private`` requests have a caller's secret in ``body``: they are neither cached nor shown.
    """

    name: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: object = None
    timeout_seconds: float = 5.0
    retries: int = 0
    cache_seconds: float = 0.0
    private: bool = False

    @property
    def only_reads(self) -> bool:
        """Whether it changes nothing where it is sent."""
        return self.method in ("GET", "HEAD")

    @property
    def repeatable(self) -> bool:
        """Whether it is safe to send it twice: it only reads, or says which one it is."""
        return self.only_reads or any(name.lower() == "idempotency-key" for name in self.headers)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Make this request; answer with ``LookupEnded(lookup)``. The caller waits or hears a filler.

    What was asked and is no longer wanted (he hung up) needs no answer.
    """

    lookup: int
    request: Request


@dataclass(frozen=True, slots=True)
class Tag:
    """Keep these with the call: in its record, and on the screen of the agent who gets it."""

    values: Mapping[str, Value]
    script: str = ""
    disposition: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """What is to be recorded of this call from now on: ``start`` (also the menus), ``stop``
    (nothing, also no talk), ``pause``, ``resume``. Nothing to pause is a success."""

    do: Literal["start", "stop", "pause", "resume"]


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """One answer of a survey, for the reports; ``recording`` is that of a spoken one."""

    survey: str
    question: str
    value: str
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Attempted:
    """Somebody tried to be identified as ``subject``, or at that door: what counts for its
    lock-out."""

    subject: str
    ok: bool
    attempts: int
    lock_seconds: float
