"""A whole flow: its prompts, defaults, global keys and nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, Field, model_validator

from engine.ivr.findings import did_you_mean
from engine.ivr.schema.asking import Gather, Listen, Menu, Say, Survey
from engine.ivr.schema.base import Name, NodeBase, Strict, Variable
from engine.ivr.schema.deciding import (
    Goto,
    Hours,
    If,
    Parameter,
    Return,
    Set,
    SetLanguage,
    Split,
    Start,
    SubFlow,
    Switch,
    Tag,
)
from engine.ivr.schema.lookups import Http
from engine.ivr.schema.routing import (
    Answer,
    Callback,
    Conference,
    Hangup,
    Queue,
    Record,
    Transfer,
    Voicemail,
)
from engine.ivr.schema.speech import Currency, Language, PromptTable
from engine.ivr.schema.trust import Identify, Payment
from engine.ivr.values import Value, WrongType, typed

Node = (
    Start
    | Answer
    | Say
    | Menu
    | Gather
    | Listen
    | SetLanguage
    | Hours
    | Set
    | If
    | Switch
    | Split
    | Goto
    | SubFlow
    | Return
    | Http
    | Identify
    | Payment
    | Survey
    | Queue
    | Callback
    | Voicemail
    | Transfer
    | Conference
    | Record
    | Tag
    | Hangup
)

NODE_TYPES: dict[str, type[NodeBase]] = {
    word: model
    for model in get_args(Node)
    for word in get_args(model.model_fields["type"].annotation)
}
"""Every word that may stand behind ``type:``."""

BACK, AGAIN = "back", "again"
"""Where a global key may lead beside nodes: to the menu before, and to this one once more."""


def _settings(model: type[NodeBase]) -> set[str]:
    fields = {field.alias or name for name, field in model.model_fields.items()}
    return fields - {"type", "note", "tags", "log"}


_SETTINGS = frozenset().union(*(_settings(model) for model in NODE_TYPES.values()))


def _of_some_node(name: str) -> str:
    if name not in _SETTINGS:
        raise ValueError(f"no node has a setting `{name}`; {did_you_mean(name, _SETTINGS)}")
    return name


class Flow(Strict):
    """One flow: one file."""

    name: Name = Field(alias="flow")
    note: str = Field("", max_length=2000, description="for who reads the file")
    language: Language = "en"
    currency: Currency = Field("VND", description="of money, where nothing else is said")
    params: dict[Variable, Parameter] = Field(
        default={}, description="what it must be given, where other flows call it"
    )
    start: Name
    defaults: dict[Annotated[str, AfterValidator(_of_some_node)], Any] = Field(
        default={}, description="settings and exits of all nodes that have such a one"
    )
    global_keys: dict[Annotated[str, Field(pattern=r"^[0-9*#A-D]$")], Name] = Field(
        default={}, description="keys of every menu: a node, `back` or `again`"
    )
    on_hangup: Name | None = Field(None, description="where it goes on when the caller is gone")
    on_error: Name | None = Field(None, description="where it goes on when something failed")
    most_minutes: float = Field(15, gt=0, le=120, description="in flows; then `on_error`")
    prompts: PromptTable = Field({})
    nodes: Annotated[
        dict[Name, Annotated[Node, Field(discriminator="type")]],
        Field(min_length=1, max_length=500),
    ]

    @model_validator(mode="before")
    @classmethod
    def _inherit(cls, data: Any) -> Any:
        """Give each node the defaults that it has a setting for and does not say itself."""
        if not isinstance(data, dict) or not isinstance(data.get("defaults"), dict):
            return data
        defaults, nodes = data["defaults"], data.get("nodes")
        if not isinstance(nodes, dict):
            return data
        return data | {"nodes": {name: _with(node, defaults) for name, node in nodes.items()}}

    def languages(self) -> list[str]:
        """Every language the flow itself speaks, its default first."""
        found = [self.language]
        for node in self.nodes.values():
            if isinstance(node, SetLanguage) and node.language:
                found.append(node.language)
            if isinstance(node, Start):
                found += node.languages.values()
        found += [language for texts in self.prompts.values() for language in texts]
        return list(dict.fromkeys(found))

    def variables(self) -> Iterator[tuple[str, bool]]:
        """Every variable that something in the flow may set, and whether it is secret; those of
        the whole call with their ``call.``."""
        for name in self.params:
            yield name, False
        for node in self.nodes.values():
            yield from node.sets()

    def given(self, variables: Mapping[str, Value]) -> dict[str, Value]:
        """The parameters of a call that another flow brings, with ``variables`` for them. Raises
        ``WrongType``."""
        found: dict[str, Value] = {}
        for name, parameter in self.params.items():
            given = variables.get(name)
            value = parameter.default if given is None else given
            if value is None:
                raise WrongType(f"`{name}` is not given")
            try:
                found[name] = typed(value, parameter.as_)
            except WrongType as error:
                raise WrongType(f"`{name}` {error}") from None
        return found

    def given_by_nobody(self) -> dict[str, Value]:
        """The parameters of a call that begins in this flow: their defaults."""
        return {
            name: typed(parameter.default, parameter.as_)
            for name, parameter in self.params.items()
            if parameter.default is not None
        }


def _with(node: Any, defaults: dict[str, Any]) -> Any:
    if not isinstance(node, dict):
        return node
    model = NODE_TYPES.get(str(node.get("type")))
    if model is None:
        return node
    return {key: value for key, value in defaults.items() if key in _settings(model)} | node


class PromptFile(Strict):
    """A file of prompts without a flow, as ``ivr_flows/system.yaml``."""

    prompts: PromptTable
