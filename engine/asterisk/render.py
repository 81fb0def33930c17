"""Asterisk's configuration as files: every template with its values, in one folder.

The private Asterisk gets its files from ``write``. For an Asterisk of your own,
``python -m engine.asterisk.render FOLDER`` writes them; each value is the environment variable
``ASTERISK_<NAME>``, and ``asterisk-config/README.md`` says what each is. The files are readable for
the user who writes them, so that is to be Asterisk's. It needs nothing but Python, so it also runs
on a machine that has only Asterisk.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from engine import paths
from engine.asterisk.install import InstallError, find
from engine.asterisk.templates import TemplateError, render, render_all
from engine.sounds.music import ensure_music

PREFIX = "ASTERISK_"

COMMON: Mapping[str, str] = {
    "ari_user": "tongdai",
    "ami_user": "tongdai",
    "app": "tongdai",
    "hold_tries": "120",
    "rtp_timeout": "120",
    "rtp_timeout_hold": "600",
    "longest_call_seconds": "14400",
}
"""Values that are right for nearly every Asterisk."""

_ELSEWHERE: Mapping[str, str] = {
    "state_dir": "/var/lib/asterisk",
    "spool_dir": "/var/spool/asterisk",
    "log_dir": "/var/log/asterisk",
    "run_dir": "/run/asterisk",
    "music_dir": "/var/lib/asterisk/music",
    "max_files": "65536",
    "sip_address": "0.0.0.0",
    "sip_port": "5060",
    "rtp_start": "10000",
    "rtp_end": "19999",
    "control_address": "127.0.0.1",
    "engine_network": "127.0.0.1/32",
    "http_port": "8088",
    "ami_port": "5038",
}
_REQUIRED = frozenset({"public_address", "trunk_addresses", "ari_password", "ami_secret"})
_OTHERS: Mapping[str, str] = {
    "prompts_dir": "/var/lib/tongdai/prompts",
    "dial_in": "",
    "trunk_contact": "",
}
"""Known here, but to no template."""

_DIAL_IN = "pjsip_dial_in.conf"  # rendered once per account
_MORE_TRUNKS = "pjsip_more_trunks.conf"  # rendered once per trunk
_REPEATED = frozenset({_DIAL_IN, _MORE_TRUNKS})
_BREAKS_DIALPLAN = re.compile(r"[,&()\[\]{}|$\"\\]")


def write(
    etc: Path,
    values: Mapping[str, str],
    dial_in: Mapping[str, str],
    more_trunks: Mapping[str, str] | None = None,
) -> None:
    """Render every template into ``etc``; ``dial_in`` are softphones' accounts (name -> secret).

    ``more_trunks`` have each an address of its own (name -> ``sip:ADDRESS:PORT``). Raises
    ``TemplateError`` when values and templates do not fit together.
    """
    templates = [t for t in paths.ASTERISK_TEMPLATES.glob("*.conf") if t.name not in _REPEATED]
    render_all([*templates, paths.DIALPLAN_TEMPLATE], etc, values)
    accounts = [{"account": name, "secret": secret} for name, secret in dial_in.items()]
    _repeat(etc, _DIAL_IN, accounts)
    trunks = [
        {"trunk": name, "contact": contact, "address": contact.split(":")[1]}
        for name, contact in (more_trunks or {}).items()
    ]
    _repeat(etc, _MORE_TRUNKS, trunks)


def _repeat(etc: Path, name: str, each: list[dict[str, str]]) -> None:
    """One template once for each of these values, in one file."""
    template = paths.ASTERISK_TEMPLATES / name
    (etc / name).write_text("\n".join(render(template, values) for values in each))


def said_while_away(prompts_dir: Path) -> dict[str, str]:
    """What callers hear while there is no engine, in every language there is."""
    return {
        "held_prompts": _spoken(prompts_dir, "held") or "one-moment-please",
        "sorry_prompts": _spoken(prompts_dir, "engine_down") or "im-sorry&please-try-call-later",
    }


def dialed_at(contact: str) -> dict[str, str]:
    """Where the trunk is dialed, such as ``sip:carrier.example:5060``; nowhere when empty."""
    return {"trunk_dialed": f"contact = {contact}" if contact else "max_contacts = 0"}


def entity_id() -> str:
    """A MAC address that no other Asterisk has; the local kind."""
    return "02:" + ":".join(f"{byte:02x}" for byte in secrets.token_bytes(5))


def _spoken(prompts_dir: Path, prompt: str) -> str:
    """The prompt in every language that has it, one after the other."""
    files = sorted(prompts_dir.glob(f"*/{prompt}.wav"))
    if files and _BREAKS_DIALPLAN.search(str(prompts_dir)):
        raise TemplateError(
            f"{prompts_dir}: the dialplan cannot name a prompt in a folder with one of "
            'the characters , & ( ) [ ] { } | $ " \\'
        )
    return "&".join(str(file.with_suffix("")) for file in files)


def given(environ: Mapping[str, str]) -> dict[str, str]:
    """The values in the environment, over the usual ones; an empty variable counts as not set.

    Raises ``TemplateError`` for a variable that means nothing, and for one that is missing.
    """
    usual = {**COMMON, **_ELSEWHERE, **_OTHERS}
    set_ = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and value
    }
    if unknown := set_.keys() - usual.keys() - _REQUIRED:
        raise TemplateError(f"there is no such value: {_variables(unknown)}")
    if missing := _REQUIRED - set_.keys():
        raise TemplateError(f"not set: {_variables(missing)}")
    return usual | set_


def _accounts(text: str) -> dict[str, str]:
    """``caller1:secret,caller2:secret`` as names and secrets."""
    pairs = [item.strip().partition(":") for item in text.split(",") if item.strip()]
    if any(not re.fullmatch(r"[a-z0-9]{1,40}", name) or not secret for name, _, secret in pairs):
        raise TemplateError(f"{PREFIX}DIAL_IN is a list of name:password")
    return {name: secret for name, _, secret in pairs}


def _variables(names: frozenset[str] | set[str]) -> str:
    return ", ".join(PREFIX + name.upper() for name in sorted(names))


def main() -> int:
    """Write the files, and compose hold music if there is none; 1 when something is wrong."""
    if len(sys.argv) != 2:
        print("usage: python -m engine.asterisk.render FOLDER", file=sys.stderr)
        return 2
    etc = Path(sys.argv[1]).absolute()
    os.umask(0o077)  # passwords
    try:
        values = given(os.environ)
        prompts_dir, dial_in = Path(values.pop("prompts_dir")), _accounts(values.pop("dial_in"))
        installation = find()
        if installation is None:
            raise InstallError("there is no Asterisk on PATH")
        values |= said_while_away(prompts_dir) | dialed_at(values.pop("trunk_contact"))
        values |= {
            "etc_dir": str(etc),
            "modules_dir": str(installation.modules_dir),
            "data_dir": str(installation.data_dir),
            "entity_id": entity_id(),
        }
        etc.mkdir(parents=True, exist_ok=True)
        write(etc, values, dial_in)
        ensure_music(Path(values["music_dir"]))
        print(
            f"written to {etc}. A running Asterisk has to be started again, once nobody talks: "
            "asterisk -rx 'core restart when convenient' (a reload loads no modules)"
        )
    except (TemplateError, InstallError, OSError) as error:
        print(f"Asterisk's configuration: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
