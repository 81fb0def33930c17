"""What a variable of a flow can hold: what JSON can, so it survives the journal unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Union

Value = Union[str, int, float, bool, None, Sequence["Value"], Mapping[str, "Value"]]
Values = Mapping[str, Value]
