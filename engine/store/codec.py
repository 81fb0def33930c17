"""Messages to JSON and back, by the names of their classes: how the journal holds events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

_NAME = "message"
"""The key that the class stands under; no field may be called so."""


class UnknownMessage(ValueError):
    """What was written is no message of this version: the name of its class or a field is wrong."""


class Codec:
    """Frozen dataclasses of enums, tuples and pydantic models, known by their class names."""

    def __init__(self, *classes: type) -> None:
        self._by_name = {cls.__name__: TypeAdapter[Any](cls) for cls in classes}

    def to_json(self, message: object) -> dict[str, object]:
        """The message in JSON's own types, its class under ``message``."""
        name = type(message).__name__
        fields: dict[str, object] = self._by_name[name].dump_python(message, mode="json")
        return {_NAME: name} | fields

    def from_json(self, written: Mapping[str, object]) -> Any:
        """The equal of the message that was written. Raises ``UnknownMessage``; guesses nothing."""
        name = str(written.get(_NAME))
        if name not in self._by_name:
            raise UnknownMessage(f"no message is called {name!r}")
        fields = {key: value for key, value in written.items() if key != _NAME}
        text = json.dumps(fields)  # JSON's own mode is strict, and knows tuples and enums
        try:
            return self._by_name[name].validate_json(text, strict=True, extra="forbid")
        except ValidationError as error:
            raise UnknownMessage(f"{name}: {_problems(error)}") from None


def _problems(error: ValidationError) -> str:
    """Where and why, without the values: a password may be among them."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
