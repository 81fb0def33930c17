"""What people tell the story of a call from outside the phone: an agent's screen, over the API."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfferTaken:
    """The agent takes a contact that was offered to him as a preview: his phone may ring now."""

    offer: str


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """The agent does not want this contact, whether his phone rings for it or not."""

    offer: str


ScreenMail = OfferTaken | OfferDeclined
