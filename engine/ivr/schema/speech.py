"""What is said: prompts by key, values, texts, tones and pauses; and when a caller may cut it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from engine.ivr.expressions import ExpressionError, expression, holes
from engine.ivr.findings import did_you_mean
from engine.ivr.saying import Kind

PROMPT_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,59}$"
LANGUAGE_PATTERN = r"^[a-z]{2}(-[A-Z]{2})?$"

PromptKey = Annotated[str, Field(pattern=PROMPT_PATTERN)]
Language = Annotated[str, Field(pattern=LANGUAGE_PATTERN)]
PromptText = Annotated[str, Field(min_length=1, max_length=1000)]


def _per_language(texts: object) -> object:
    if isinstance(texts, str):
        raise ValueError("say which language this text is in, as {en: Good-bye.}")
    return texts


PromptTable = dict[
    PromptKey,
    Annotated[dict[Language, PromptText], Field(min_length=1), BeforeValidator(_per_language)],
]


def _expression(source: str) -> str:
    try:
        expression(source)
    except ExpressionError as error:
        message = f"this expression cannot be read: {error}"
        raise ExpressionError(message, error.column) from None
    return source


def _template(text: str) -> str:
    kinds = {kind.value for kind in Kind}
    for hole in holes(text):
        if hole.kind and hole.kind not in kinds:
            hint = did_you_mean(hole.kind, kinds)
            raise ExpressionError(f"there is no kind `{hole.kind}`; {hint}", hole.at + 1)
        if hole.currency and hole.kind != Kind.MONEY:
            message = f"only money has a currency: {{{{ {hole.name} | money {hole.currency} }}}}"
            raise ExpressionError(message, hole.at + 1)
    return text


ExpressionText = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(_expression),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]
"""CEL, as ``tier == "gold" && call.hour >= 8``."""

Template = Annotated[str, Field(max_length=2000), AfterValidator(_template)]
"""Text with ``{{ name }}``, ``{{ name | kind }}`` or ``{{ name | money USD }}``."""


Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
"""Its ISO code, as ``VND``."""


def _one_or_many(value: Any) -> str:
    return "many" if isinstance(value, dict) else "one"


SpokenTemplate = Annotated[str, Field(max_length=800), AfterValidator(_template)]
"""The same, short enough to be spoken while a caller waits."""

Texts = Annotated[
    Annotated[SpokenTemplate, Tag("one")] | Annotated[dict[Language, SpokenTemplate], Tag("many")],
    Discriminator(_one_or_many),
]
"""A text, or one per language."""


class BargeIn(StrEnum):
    """What cuts something that is said."""

    BOTH = "both"
    KEYS = "keys"
    SPEECH = "speech"
    NONE = "none"

    @property
    def by_keys(self) -> bool:
        """Whether a key does."""
        return self in (BargeIn.BOTH, BargeIn.KEYS)

    @property
    def by_speech(self) -> bool:
        """Whether speech does."""
        return self in (BargeIn.BOTH, BargeIn.SPEECH)


_BARGE_IN = {"true": "both", "false": "none", "yes": "both", "no": "none", "dtmf": "keys"}


def _as_barge_in(value: Any) -> Any:
    """``true`` and ``false`` are the short forms of both and none."""
    return _BARGE_IN.get(str(value).lower(), value)


MayCut = Annotated[
    BargeIn,
    BeforeValidator(
        _as_barge_in, json_schema_input_type=BargeIn | bool | Literal["yes", "no", "dtmf"]
    ),
]


class Part(BaseModel):
    """One piece of what is said; in YAML a bare prompt key, or a mapping.

    One of ``prompt``, ``value`` (an expression, said ``as`` a kind), ``text`` (spoken by
    text-to-speech, per language where it is a mapping), ``tone`` and ``pause`` (seconds).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    prompt: PromptKey | None = None
    value: ExpressionText | None = None
    as_: Kind = Field(Kind.TEXT, alias="as")
    currency: Currency | None = Field(None, description="of a value as money; else the flow's")
    text: Texts | None = None
    tone: Literal["beep", "ring", "busy", "congestion"] | None = None
    pause: float | None = Field(None, gt=0, le=10, description="seconds of silence")
    barge_in: MayCut | None = Field(None, description="may it be cut; absent: as the node says")
    language: Language | None = Field(None, description="always said in this language")
    only_in: Language | None = Field(None, description="said only while the call is in this one")
    when: ExpressionText | None = Field(None, description="said only when this is true")

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        kinds = (self.prompt, self.value, self.text, self.tone, self.pause)
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("write one of prompt, value, text, tone and pause")
        return self

    def texts(self) -> dict[str, str]:
        """The texts of a spoken part by language; '' stands for any."""
        return {"": self.text} if isinstance(self.text, str) else dict(self.text or {})


def _as_part(item: Any) -> Any:
    return {"prompt": item} if isinstance(item, str) else item


def _as_parts(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as_part(item) for item in value]
    return [_as_part(value)] if isinstance(value, str | dict | Part) else value


def _as_rounds(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as_parts(item) for item in value]
    return [_as_parts(value)]


_Piece = PromptKey | Part
_Pieces = _Piece | list[_Piece]

Speech = Annotated[
    tuple[Part, ...],
    BeforeValidator(_as_parts, json_schema_input_type=_Pieces),
    Field(max_length=20),
]
"""What is said in one go: one prompt or a list."""

Taper = Annotated[
    tuple[Speech, ...],
    BeforeValidator(_as_rounds, json_schema_input_type=_Piece | list[_Pieces]),
    Field(max_length=10),
]
"""What is said the first time, the second time …; the last entry serves all further times."""
