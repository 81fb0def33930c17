"""Values as people say them: numbers, money, dates, times, in the caller's language."""

from engine.ivr.saying.language import digit_parts, number_part
from engine.ivr.saying.reading import CannotSay, Kind
from engine.ivr.saying.say import LANGUAGES, is_known, place_key, say_value, write_value

__all__ = [
    "LANGUAGES",
    "CannotSay",
    "Kind",
    "digit_parts",
    "is_known",
    "number_part",
    "place_key",
    "say_value",
    "write_value",
]
