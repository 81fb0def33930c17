"""What becomes of recordings: the group ``recordings`` of the settings (``docs/recordings.md``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


def _secret(reference: str) -> str:
    if not reference.startswith("${secret:"):
        raise ValueError("a key does not stand in the settings: write `${secret:NAME}`")
    return reference


def _address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("write the store's address as https://s3.example.com")
    return url.rstrip("/")


Reference = Annotated[str, AfterValidator(_secret)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]
Days = Annotated[float, Field(gt=0)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class S3Settings(_Group):
    """A store that speaks S3."""

    url: Annotated[str, AfterValidator(_address)] = Field(
        description="its address; the bucket's name comes behind it"
    )
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = Field("", pattern=r"^([A-Za-z0-9_.=-]+/)*$", description="as `calls/`")
    region: str = Field("us-east-1", pattern=r"^[a-z0-9-]+$")
    access_key: Reference
    secret_key: Reference


class RecordingsSettings(_Group):
    """What becomes of recordings after their call."""

    dir: Folder | None = Field(
        None, description="where changed files are written; `finished` in `recordings_dir`"
    )
    format: Literal["wav", "opus", "mp3"] = "wav"
    key: Reference | None = Field(None, description="encrypts the files: 32 bytes, base64 or hex")
    old_keys: tuple[Reference, ...] = Field((), description="those that `key` has replaced")
    move_to: Folder | None = Field(None, description="a folder, as of a mounted archive")
    s3: S3Settings | None = Field(None, description="or a store")
    keep_days: Days | None = Field(None, description="deleted then, where a queue says nothing")
    voicemail_keep_days: Days | None = Field(None, description="of messages; without: never")
    survey_keep_days: Days | None = Field(None, description="of spoken answers; without: never")
    free_mb: int = Field(500, ge=0, description="nothing is written while less is free")

    @model_validator(mode="after")
    def _has_one_store(self) -> Self:
        if self.move_to is not None and self.s3 is not None:
            raise ValueError("write either `move_to` or `s3`")
        return self
