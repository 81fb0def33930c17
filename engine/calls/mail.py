"""What a story is told from outside the phone: by an agent's screen, over the API, or by another
story."""

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


@dataclass(frozen=True, slots=True)
class CallbackCancelled:
    """The customer need not be called back; ``why`` in a few words."""

    why: str


ScreenMail = OfferTaken | OfferDeclined
