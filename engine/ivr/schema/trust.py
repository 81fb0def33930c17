"""Nodes that handle what must stay secret: who the caller is, and his card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from engine.ivr.schema.base import (
    Name,
    NodeBase,
    Read,
    Settable,
    Strict,
    Where,
    reads_expression,
)
from engine.ivr.schema.lookups import Call, Saved
from engine.ivr.schema.speech import Currency, ExpressionText, Part, Speech
from engine.ivr.values import is_path


class Pin(Strict):
    """He types a PIN; ``verify`` answers 2xx when it is right. ``{{ pin }}`` stands in its body."""

    verify: Call
    prompts: Speech = (Part(prompt="identify_pin"),)
    min_digits: int = Field(4, ge=3, le=12)
    max_digits: int = Field(6, ge=3, le=12)


class Code(Strict):
    """A code that is good once; ``send`` brings it to him, with ``{{ code }}`` in its body."""

    send: Call
    prompts: Speech = (Part(prompt="identify_code"),)
    digits: int = Field(6, ge=4, le=10)
    minutes: float = Field(5, gt=0, le=60, description="how long it is good")


class Lock(Strict):
    """After so many wrong tries in a row, over all his calls, nobody is let in for a while."""

    attempts: int = Field(5, ge=1, le=20)
    minutes: float = Field(30, gt=0, le=1440)


class Identify(NodeBase):
    """Finds out who calls: by his number, and if wanted by a PIN and a code that is good once.

    ``known``: all that is asked for was right. ``unknown``: no such customer. ``failed``: wrong
    or silent too often, or a system did not answer, or the engine died when a request that must
    not be sent twice had been sent. ``locked``: too many wrong tries.
    """

    EXITS: ClassVar[tuple[str, ...]] = ("known", "unknown", "failed")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("locked",)
    AS: ClassVar[dict[str, str]] = {"locked": "failed"}

    type: Literal["identify"]
    subject: ExpressionText = Field("call.caller", description="who he says he is")
    lookup: Call | None = Field(None, description="2xx: known; 404: unknown")
    save: dict[Settable, Saved] = Field({})
    pin: Pin | None = None
    code: Code | None = None
    lock: Lock = Lock()
    attempts: int = Field(3, ge=1, le=10, description="for the PIN and for the code, in this call")
    timeout_seconds: float = Field(8, ge=0.5, le=60)
    filler: Speech = ()
    known: Name | None = None
    unknown: Name | None = None
    failed: Name | None = None
    locked: Name | None = None

    @model_validator(mode="after")
    def _by_something(self) -> Self:
        if not (self.lookup or self.pin or self.code):
            raise ValueError("write at least one of `lookup`, `pin` and `code`")
        return self

    def calls(self) -> Iterator[tuple[Where, Call]]:
        """Its requests, each with its place."""
        if self.lookup:
            yield ("lookup",), self.lookup
        if self.pin:
            yield ("pin", "verify"), self.pin.verify
        if self.code:
            yield ("code", "send"), self.code.send

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """What it asks."""
        if self.pin:
            yield ("pin", "prompts"), self.pin.prompts
        if self.code:
            yield ("code", "prompts"), self.code.prompts
        yield ("filler",), self.filler

    def reads(self) -> Iterator[Read]:
        """The subject and the requests; the PIN and the code exist only there."""
        yield from reads_expression(("subject",), self.subject)
        for at, call in self.calls():
            for read in call.reads(at):
                own = frozenset({"pin", "code"}) if read.sends else frozenset()
                yield Read(read.path, read.source, read.names - own, read.sends)

    def sets(self) -> Iterator[tuple[str, bool]]:
        """What is saved of the answer."""
        for name in self.save:
            yield name, False


_OF_A_PAYMENT = frozenset({"card", "expiry", "cvv", "amount", "currency"})


class Payment(NodeBase):
    """Takes a card: its number, its expiry, its code; the gateway gives a token for them.

    Nothing of them is written anywhere, and whatever records the call is paused meanwhile. In the
    gateway's body stand ``{{ card }}``, ``{{ expiry }}`` (MMYY), ``{{ cvv }}``, ``{{ amount }}``
    and ``{{ currency }}``; ``token`` is the path to what it gave. Sets ``payment``: token, brand.
    """

    EXITS: ClassVar[tuple[str, ...]] = ("paid", "declined", "gateway_error")
    OPTIONAL_EXITS: ClassVar[tuple[str, ...]] = ("invalid", "cancelled")
    AS: ClassVar[dict[str, str]] = {"invalid": "declined", "cancelled": "declined"}

    type: Literal["payment"]
    amount: ExpressionText
    currency: Currency | None = Field(None, description="of the amount; else the flow's")
    gateway: Call
    token: str = Field("$.token", description="where it stands in the gateway's answer")
    brands: tuple[Literal["visa", "mastercard", "amex", "jcb", "unionpay", "napas"], ...] = (
        "visa", "mastercard", "amex", "jcb", "unionpay", "napas",
    )  # fmt: skip
    attempts: int = Field(3, ge=1, le=5, description="for each number")
    timeout_seconds: float = Field(10, ge=1, le=60)
    cancel_key: str = Field("*", pattern=r"^[*#]?$")
    filler: Speech = (Part(prompt="payment_wait"),)
    paid: Name | None = None
    declined: Name | None = None
    invalid: Name | None = None
    cancelled: Name | None = None
    gateway_error: Name | None = None

    @model_validator(mode="after")
    def _path(self) -> Self:
        if not is_path(self.token):
            raise ValueError(f"`{self.token}` is no path: write $.token")
        return self

    def calls(self) -> Iterator[tuple[Where, Call]]:
        """Its request."""
        yield ("gateway",), self.gateway

    def speeches(self) -> Iterator[tuple[Where, tuple[Part, ...]]]:
        """The filler; what it asks is the engine's own."""
        yield ("filler",), self.filler

    def reads(self) -> Iterator[Read]:
        """The amount and the request; the card's numbers exist only there."""
        yield from reads_expression(("amount",), self.amount)
        for read in self.gateway.reads(("gateway",)):
            own = _OF_A_PAYMENT if read.sends else frozenset()
            yield Read(read.path, read.source, read.names - own, read.sends)


__all__ = ["Code", "Identify", "Lock", "Payment", "Pin"]
