"""Asterisk's configuration from templates: ``@name@`` stands for a value.

Asterisk's own ``${VAR}`` stays as it is. A name without a value and a value that no template asks
for are both errors, so that a setting is never silently without effect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_PLACEHOLDER = re.compile(r"@([a-z_]+)@")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f;]")  # a line end starts a new setting, ';' a comment


class TemplateError(Exception):
    """A template and its values do not fit together; says which name, and which file."""


def names_in(template: str) -> set[str]:
    """The names that ``template`` needs values for."""
    return set(_PLACEHOLDER.findall(template))


def render(template: Path, values: Mapping[str, str]) -> str:
    """The text of ``template`` with its values put in; others in ``values`` are let be."""
    text = template.read_text(encoding="utf-8")
    if missing := names_in(text) - values.keys():
        raise TemplateError(f"{template}: no value for {_listed(missing)}")
    used = {name: values[name] for name in names_in(text)}
    for name, value in used.items():
        if not value or _FORBIDDEN.search(value):
            raise TemplateError(f"{template}: {name} cannot be {value!r}")
    return _PLACEHOLDER.sub(lambda match: used[match[1]], text)


def render_all(templates: Iterable[Path], target: Path, values: Mapping[str, str]) -> None:
    """Write every template under its own name into the folder ``target``."""
    sources = list(templates)
    asked = {name for source in sources for name in names_in(source.read_text(encoding="utf-8"))}
    if unused := values.keys() - asked:
        raise TemplateError(f"no template uses {_listed(unused)}")
    for source in sources:
        (target / source.name).write_text(render(source, values), encoding="utf-8")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"@{name}@" for name in sorted(names))
