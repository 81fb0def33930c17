"""`tongdai talk`: who is in a talk, and everything that may be done in it, as the API does it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.text import Text

from acd.queues import DestinationKind
from engine.calls.talk.parties import Role
from engine.cli.floor import ask
from engine.cli.terminal import AsJson, Config, answer, console, read_settings
from engine.tables import Table

app = typer.Typer(help="See and move the talks that go on now.", no_args_is_help=True)

Whose = Annotated[str, typer.Argument(help="An agent, or the id of a call.")]
Party = Annotated[str, typer.Argument(help="An agent or number in the talk, or `caller`.")]
To = Annotated[
    str,
    typer.Argument(help="agent:NAME, queue:NAME, flow:NAME, voicemail, or a number."),
]
_PLAIN = {
    "hold": "Put the caller on hold, with music.",
    "resume": "Take the caller back.",
    "swap": "Go to the other one: the caller, or who is consulted.",
    "complete": "Give the caller to who is consulted, and leave.",
    "cancel": "Back to the caller; who is consulted is hung up on.",
    "merge": "All three together.",
    "lock": "Nobody else may come in.",
    "unlock": "Others may come in again.",
    "leave": "Leave the caller with who else is there.",
    "hang-up": "End it for all.",
}


@app.command()
def show(whose: Whose, config: Config = None, as_json: AsJson = False) -> None:
    """Show who is in a talk, and what each of them does."""
    talk = answer(ask(read_settings(config), _path(whose)))
    if as_json:
        print(json.dumps(talk, ensure_ascii=False))
        return
    console.print(talk_table(talk, time.time()))
    told = told_of(talk)
    if told:
        console.print(", ".join(told), markup=False)


def _plain(name: str, told: str) -> Callable[..., None]:
    def do(whose: Whose, config: Config = None) -> None:
        _order(whose, name.replace("-", "_"), config)

    do.__doc__ = told
    return do


for _name, _told in _PLAIN.items():
    app.command(_name)(_plain(_name, _told))


@app.command()
def mute(
    whose: Whose,
    party: Annotated[str, typer.Argument(help="Whom the others hear no more.")] = "",
    config: Config = None,
) -> None:
    """Let the others not hear the agent himself, or somebody else."""
    _order(whose, "mute", config, who=party)


@app.command()
def unmute(
    whose: Whose,
    party: Annotated[str, typer.Argument(help="Whom the others hear again.")] = "",
    config: Config = None,
) -> None:
    """Let the others hear him again."""
    _order(whose, "unmute", config, who=party)


@app.command()
def keys(
    whose: Whose,
    pressed: Annotated[str, typer.Argument(metavar="KEYS", help="0-9, *, #, A-D.")],
    to: Annotated[str, typer.Option(help="Who hears them; the caller when absent.")] = "",
    config: Config = None,
) -> None:
    """Send keys, as if the agent had pressed them."""
    _order(whose, "keys", config, keys=pressed, who=to)


@app.command()
def transfer(whose: Whose, to: To, config: Config = None) -> None:
    """Send the caller there; the agent is out at once."""
    _order(whose, "transfer", config, to=place(to))


@app.command()
def consult(whose: Whose, to: To, config: Config = None) -> None:
    """Ring an agent or a number, to talk with him alone first."""
    _order(whose, "consult", config, to=place(to))


@app.command()
def invite(
    whose: Whose,
    to: To,
    role: Annotated[Role, typer.Option(help="As what he comes.")] = Role.SPEAKER,
    config: Config = None,
) -> None:
    """Ring an agent or a number, who comes to all."""
    _order(whose, "invite", config, to=place(to), role=role)


@app.command()
def drop(whose: Whose, party: Party, config: Config = None) -> None:
    """Put somebody out."""
    _order(whose, "drop", config, who=party)


@app.command("role")
def give_role(whose: Whose, party: Party, role: Role, config: Config = None) -> None:
    """Make somebody a leader, a speaker or a listener."""
    _order(whose, "role", config, who=party, role=role)


@app.command()
def end_with_leader(
    whose: Whose,
    on: Annotated[bool, typer.Option("--yes/--no", help="Or let it go on.")] = True,
    config: Config = None,
) -> None:
    """End it for all when its leader leaves."""
    _order(whose, "end_with_leader", config, with_leader=on)


@app.command()
def park(
    whose: Whose,
    slot: Annotated[str, typer.Option(help="Which, from 1 to 99; else a free one.")] = "",
    config: Config = None,
) -> None:
    """Let the caller wait in a slot for whoever picks him up; says which."""
    _order(whose, "park", config, slot=slot)


@app.command()
def secure(
    whose: Whose,
    flow: Annotated[str, typer.Argument(help="That the caller is alone with.")],
    config: Config = None,
) -> None:
    """Let the caller type what nobody may hear, and come back."""
    _order(whose, "secure", config, flow=flow)


@app.command()
def record(
    whose: Whose,
    do: Annotated[str, typer.Argument(help="start, stop, pause or resume.")],
    seconds: Annotated[float | None, typer.Option(help="How long a pause is at most.")] = None,
    config: Config = None,
) -> None:
    """Begin or end its recording, or write silence for a while."""
    body = {} if seconds is None else {"seconds": seconds}
    _order(whose, f"record/{do}", config, **body)


@app.command()
def parked(config: Config = None, as_json: AsJson = False) -> None:
    """List the parked callers."""
    found = answer(ask(read_settings(config), "/v1/parked"))
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        console.print(parked_table(found, time.time()))


@app.command()
def pick_up(slot: str, agent: str, config: Config = None) -> None:
    """Ring this agent for who is parked in this slot."""
    _tell(ask(read_settings(config), f"/v1/parked/{slot}/pick_up", "POST", body={"agent": agent}))


def place(written: str) -> dict[str, str] | str:
    """``queue:sales``, ``john`` or ``+842873000001`` as the API has it."""
    kind, _, name = written.partition(":")
    if kind in set(DestinationKind):
        return {kind: name} if name else kind
    return {"number" if written[:1] in "+0123456789" else "agent": written}


def talk_table(talk: Mapping[str, Any], now: float) -> Table:
    """Who is in it, as people read it; ``now`` in seconds since the epoch."""
    title = f"{talk['call']}: {talk['stage']} for {talk['seconds']:.0f} s"
    table = Table(title=title)
    for name in ("who", "role", "does", "for", "is"):
        table.add_column(name, justify="right" if name == "for" else "left")
    caller = talk["caller"]
    flags = _flags(caller, muted="muted", phone_held="holds", hears_music="hears music")
    table.add_row(*map(Text, (caller["number"], "caller", talk["stage"], "", flags)))
    for party in talk["parties"]:
        role = f"{party['kind']}, {party['role']}"
        flags = _flags(party, muted="muted", held="holds", line="on his line")
        seconds = f"{now - party['since']:.0f} s"
        table.add_row(*map(Text, (party["name"], role, party["stage"], seconds, flags)))
    return table


def told_of(talk: Mapping[str, Any]) -> list[str]:
    """What else there is to say of it."""
    told = [name for name in ("held", "locked", "ends_with_leader") if talk[name]]
    if talk["consult"]:
        told.append("{agent} consults {with}, and is with: {side}".format(**talk["consult"]))
    if talk["secure"]:
        told.append(f"the caller is alone with {talk['secure']}")
    told += [f"{who} {watch}s" for who, watch in talk.get("watched", {}).items()]
    recording = talk["recording"]
    if recording["names"]:
        told.append("recording paused" if recording["paused"] else "recorded")
    return told


def parked_table(parked: Iterable[Mapping[str, Any]], now: float) -> Table:
    """The parked callers as people read them."""
    table = Table(title="Parked", nothing="nobody is parked")
    for name in ("slot", "call", "caller", "by", "for", "until back"):
        table.add_column(name, justify="right" if name in ("for", "until back") else "left")
    for each in parked:
        cells = (
            *(each["slot"], each["call"], each["caller"] or "", each["by"]),
            *(f"{now - each['since']:.0f} s", f"{each['until'] - now:.0f} s"),
        )
        table.add_row(*map(Text, cells))
    return table


def _flags(of: Mapping[str, Any], **names: str) -> str:
    return ", ".join(told for name, told in names.items() if of[name])


def _path(whose: str) -> str:
    """Ids of calls have a dot, names of agents none."""
    return f"/v1/{'calls' if '.' in whose else 'agents'}/{whose}/talk"


def _order(whose: str, order: str, config: Any, **body: Any) -> None:
    _tell(ask(read_settings(config), f"{_path(whose)}/{order}", "POST", body=body))


def _tell(asking: Any) -> None:
    told = answer(asking)["answer"]
    console.print(f"[green]ok[/]{f': {told}' if told else ''}", highlight=False)
