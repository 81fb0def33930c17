"""The engine's settings: where its neighbours are and how it reaches them.

Each is an environment variable ``TONGDAI_<NAME>`` or a line ``<name>: …`` in the YAML file named by
``--config`` or ``TONGDAI_CONFIG``; the environment wins. Every setting has a default that runs the
demo on a private Asterisk and SQLite.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from engine import paths, secrets
from engine.config.drafts import SitePaths
from engine.config.problems import Problem, has_errors, suggestion
from engine.config.published import in_force
from engine.config.text_file import BadFile
from engine.config.validation import problem_in, words
from engine.config.yaml_file import Document, read
from engine.recordings.settings import RecordingsSettings
from engine.store.database_url import read_url
from engine.store.errors import LedgerUrlInvalid
from engine.users import User

PREFIX = "TONGDAI_"
ELSEWHERE = ("CONFIG", "CACHE", "DEBIAN_MIRROR")
"""Variables that are read before there are settings."""


def _items(value: Any) -> Any:
    """``en,vi`` in the environment is the list [en, vi] of the file."""
    return [item.strip() for item in value.split(",")] if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    """``en=/models/a,vi=/models/b`` in the environment is the mapping of the file."""
    if not isinstance(value, str):
        return value
    pairs = [item.partition("=") for item in value.split(",") if item.strip()]
    if wrong := next((name for name, is_, _ in pairs if not is_ or not name.strip()), None):
        raise ValueError(f"`{wrong}`: write name=value, several with commas")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _mapping(value: Any) -> Any:
    """JSON in the environment is the mapping of the file."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"write it as JSON in the environment ({error})") from error


def _region(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"`{value}` is no region: write two capital letters such as VN")
    return value


def _database(value: str) -> str:
    try:
        read_url(value)
    except LedgerUrlInvalid as error:
        raise ValueError(str(error)) from error
    return value


def _http(value: str) -> str:
    """The root of Asterisk's HTTP server; ``/ari`` behind it may be written or not."""
    if not value.startswith(("http://", "https://")):
        raise ValueError("ARI's URL begins with http:// or https://, such as http://pbx:8088")
    return value.rstrip("/").removesuffix("/ari")


def _campaigns(others: Mapping[str, Any]) -> Path:
    """The example's campaigns belong to all of the example; others lie beside their queues."""
    example = {
        "agents_file": paths.CENTER / "agents.yaml",
        "queues_file": paths.CENTER / "queues.yaml",
        "routes_dir": paths.ROUTES,
        "flows_dir": paths.FLOWS,
    }
    if all(others[name] == file for name, file in example.items()):
        return paths.CAMPAIGNS
    return Path(others["queues_file"]).with_name("campaigns.yaml")


Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]


class Settings(BaseModel):
    """All settings. Without ``ari_url`` the engine makes and runs a private Asterisk."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    asterisk: Folder | None = Field(None, description="an Asterisk program, or its unpacked folder")
    ari_url: Annotated[str, AfterValidator(_http)] | None = None
    ari_user: str = "tongdai"
    ari_password: SecretStr | None = Field(None, validate_default=True)
    app: str = Field("tongdai", pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")

    ami_host: str = "127.0.0.1"
    ami_port: Port = 5038
    ami_user: str = "tongdai"
    ami_secret: SecretStr | None = Field(None, description="without it AMI is not used")

    state_dir: Folder = Field(default_factory=paths.state_dir)
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda data: f"sqlite:///{data['state_dir']}/tongdai.db",
        repr=False,
    )
    recordings_dir: Folder | None = Field(
        None, description="where the engine finds Asterisk's recordings, if it can see them"
    )
    recordings_min_free_mb: int = Field(
        200, ge=0, description="no recording begins while less is free in `recordings_dir`"
    )
    recordings: Annotated[RecordingsSettings, BeforeValidator(_mapping)] = Field(
        RecordingsSettings(), description="what becomes of them; in the environment as JSON"
    )
    prompts_dir: Folder = Field(default_factory=lambda: paths.cache_dir() / "prompts")
    witness_file: Folder | None = Field(
        None, description="Asterisk's CEL as CSV, to learn when calls ended while we were away"
    )

    secrets_file: Folder | None = Field(
        None, description="what flows name as ${secret:NAME}; readable by the engine's user alone"
    )

    systems: Annotated[dict[str, str], BeforeValidator(_pairs)] = Field(
        {}, description="addresses that flows name as ${system:NAME}: crm=https://crm.example"
    )

    agents_file: Folder = paths.CENTER / "agents.yaml"
    queues_file: Folder = paths.CENTER / "queues.yaml"
    routes_dir: Folder = paths.ROUTES
    flows_dir: Folder = paths.FLOWS
    campaigns_file: Folder = Field(
        default_factory=_campaigns,
        description="outbound campaigns; without: `campaigns.yaml` beside `queues_file`, if any",
    )
    watch_flows: bool = Field(
        False, description="reload when a working file of the flows changes: for trying things out"
    )
    region: Annotated[str, AfterValidator(_region)] = Field(
        "VN", description="the country whose dialing habits apply"
    )
    languages: Annotated[tuple[str, ...], BeforeValidator(_items), Field(min_length=1)] = (
        "en",
        "vi",
    )

    speech: Literal["none", "pocketsphinx", "whisper"] = Field(
        "none", description="what recognises voice commands; none: keys only"
    )
    speech_model_dir: Folder | None = Field(None, description="the model of all languages")
    speech_model_dirs: Annotated[dict[Language, Folder], BeforeValidator(_pairs)] = Field(
        default_factory=dict, description="the model of each language that has one of its own"
    )
    speech_workers: int = Field(1, ge=1, le=64, description="processes that recognise")

    api_host: str = "127.0.0.1"
    api_port: Port = 8080
    users: Annotated[dict[str, User], BeforeValidator(_mapping)] = Field(
        {}, description="who else may use the API, and as what; in the environment as JSON"
    )
    api_token: SecretStr | None = Field(None, validate_default=True)

    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_file: Folder | None = None

    @property
    def site_paths(self) -> SitePaths:
        """Where the files are that operations people write."""
        return SitePaths(
            self.agents_file,
            self.queues_file,
            self.routes_dir,
            self.flows_dir,
            secrets=secrets.load(self.secrets_file)[0].names() or None,
            systems=frozenset(self.systems) or None,  # none at all yet: flows are tried out
            campaigns_file=self._written_campaigns(),
            changes_file=self.campaign_changes_file,
        )

    @property
    def asterisk_dir(self) -> Path:
        """Where a private Asterisk has its configuration, state and logs."""
        return self.state_dir / "asterisk"

    @property
    def campaign_changes_file(self) -> Path:
        """How campaigns were changed while the engine runs."""
        return self.state_dir / "campaigns.json"

    def _written_campaigns(self) -> Path | None:
        """Nobody need have campaigns; but a file that is named must be there."""
        named = "campaigns_file" in self.model_fields_set
        return self.campaigns_file if named or self.campaigns_file.exists() else None

    @property
    def paths_in_force(self) -> SitePaths:
        """The same with the published flows, where any are published: what calls run on."""
        return in_force(self.site_paths, self.state_dir)

    @field_validator("ari_password")
    @classmethod
    def _password_of_a_given_asterisk(
        cls, password: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if info.data.get("ari_url") and not (password and password.get_secret_value()):
            raise ValueError("`ari_password` is missing: `ari_url` names an Asterisk that asks it")
        return password

    @field_validator("api_token")
    @classmethod
    def _token_for_the_network(
        cls, token: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        host = str(info.data.get("api_host", "localhost"))
        if token is None and not _is_loopback(host) and not info.data.get("users"):
            raise ValueError(f"`api_token` is missing: the API listens on {host}, for all to reach")
        if token and len(token.get_secret_value()) < 16:
            raise ValueError("`api_token` must have at least 16 characters")
        return token


def load(
    config: Path | None = None, environ: Mapping[str, str] = os.environ
) -> tuple[Settings | None, list[Problem]]:
    """The settings, or ``None``; and all that is wrong with them. Never raises on bad input."""
    problems = _unknown_variables(environ)
    document, unreadable = _document(config, environ)
    problems += unreadable
    if has_errors(problems):
        return None, problems
    try:
        return Settings.model_validate(_written(document) | _variables(environ)), problems
    except ValidationError as error:
        return None, problems + _problems(error, document, environ)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _document(
    config: Path | None, environ: Mapping[str, str]
) -> tuple[Document | None, list[Problem]]:
    path = config or environ.get(f"{PREFIX}CONFIG")
    if not path:
        return None, []
    try:
        document = read(Path(path).expanduser())
    except BadFile as error:
        return None, [error.problem]
    if isinstance(document.data, dict | None):
        return document, []
    message = "this file must hold lines of `name: value`"
    return None, [document.problem((), "E203", message)]


def _written(document: Document | None) -> dict[str, Any]:
    """The file's settings; a relative path there is relative to the file."""
    settings = dict(document.data or {}) if document else {}
    for name, value in settings.items():
        if document and isinstance(value, str) and name in _FOLDERS:
            settings[name] = str(document.path.absolute().parent / Path(value).expanduser())
        elif document and isinstance(value, dict) and name == "recordings":
            there = document.path.absolute().parent
            settings[name] = {
                each: str(there / Path(path).expanduser())
                if each in ("dir", "move_to") and isinstance(path, str)
                else path
                for each, path in value.items()
            }
        elif document and isinstance(value, dict) and name == "speech_model_dirs":
            there = document.path.absolute().parent
            settings[name] = {
                each: str(there / Path(str(folder)).expanduser()) for each, folder in value.items()
            }
    return settings


_FOLDERS = frozenset(
    name for name in Settings.model_fields if name.endswith(("_dir", "_file")) or name == "asterisk"
)


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Settings in the environment; an empty variable counts as not set."""
    found = {name: environ.get(PREFIX + name.upper(), "") for name in Settings.model_fields}
    return {name: value for name, value in found.items() if value}


def _unknown_variables(environ: Mapping[str, str]) -> list[Problem]:
    known = {PREFIX + name for name in (*ELSEWHERE, *map(str.upper, Settings.model_fields))}
    return [
        Problem.about(
            variable,
            "W201",
            f"there is no such setting{suggestion(variable, known)}",
            "unset it, or correct its name",
        )
        for variable in sorted(environ)
        if variable.startswith(PREFIX)
        and variable not in known
        and not variable.startswith(secrets.PREFIX)
    ]


def _problems(
    error: ValidationError, document: Document | None, environ: Mapping[str, str]
) -> list[Problem]:
    variables = _variables(environ)
    return [
        _problem(detail, document, variables)
        for detail in error.errors(include_url=False)
        if detail["type"] != "default_factory_not_called"
    ]


def _problem(
    detail: Mapping[str, Any], document: Document | None, variables: Mapping[str, str]
) -> Problem:
    """With its place in the file, or under the name of its environment variable."""
    name = str(detail["loc"][0])
    if document and name not in variables:
        return problem_in(document, (), detail, Settings)
    code, message, hint = words(detail, name, Settings)
    variable = PREFIX + name.upper()
    return Problem.about(variable, code, message, hint or f"set {variable}")
