"""The conversation of ``tongdai flow simulate``: lines in, what a caller hears out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.markup import escape

from engine import whole_file
from engine.cli import flow_audio
from engine.cli.flow_save import NotSaved, save
from engine.cli.flow_session import HELP, Refused, Session, shown_variables
from engine.cli.terminal import console
from engine.ivr.rehearsal.transcript import (
    ComesBack,
    Ends,
    Enters,
    Evaluates,
    Event,
    GoesTo,
    Hears,
    Line,
    Understood,
    rendered,
)
from engine.settings import Settings
from engine.sounds import wav


def converse(session: Session, settings: Settings, play: bool) -> None:
    """Show what happens, line by line, until there are no more lines; with ``play`` also as sound
    where somebody listens."""
    _show(session.lines)
    _play(session.lines, settings, play)
    for text in _typed():
        if text in ("!quit", "quit", "exit"):
            return
        try:
            new = _turn(session, text, settings)
        except (Refused, NotSaved) as error:
            console.print(f"? {error}", style="yellow", markup=False)
            continue
        _show(new)
        _play(new, settings, play)


def _turn(session: Session, text: str, settings: Settings) -> Sequence[Line]:
    word, _, rest = text.partition(" ")
    match word:
        case "!help" | "help" | "?":
            console.print(HELP, markup=False)
        case "!vars":
            console.print("\n".join(shown_variables(session.rehearsal)) or "none", markup=False)
        case "!where":
            console.print(" / ".join(session.rehearsal.where), markup=False)
        case "!save":
            file = Path(rest.strip() or settings.flows_dir / f"{session.flow}.test.yaml")
            count = save(session, file)
            console.print(f"saved: test {count} of {file}, and it passes", markup=False)
        case _:
            return session.do(text)
    return ()


def _typed() -> Iterator[str]:
    """Lines from the keyboard or a pipe, until they end."""
    while True:
        try:
            yield (input("> ") if sys.stdin.isatty() else input()).strip()
        except (EOFError, KeyboardInterrupt):
            return


def _show(lines: Sequence[Line]) -> None:
    for line in lines:
        style = _style(line.event)
        text = escape(rendered(line))
        console.print(f"[{style}]{text}[/]" if style else text)


def _style(event: Event) -> str:
    match event:
        case Hears():
            return "bold"
        case Enters() | Evaluates() | Understood():
            return "dim"
        case GoesTo() | ComesBack():
            return "cyan"
        case Ends(by="fault"):
            return "red"
        case Ends():
            return "green"
        case _:
            return ""


def _play(lines: Sequence[Line], settings: Settings, play: bool) -> None:
    program = flow_audio.player() if play and sys.stdin.isatty() else None
    if program:
        file = settings.prompts_dir / ".rehearsal.wav"
        whole_file.write(file, wav.encode(flow_audio.as_sound(lines, settings.prompts_dir)))
        flow_audio.play(file, program)
        file.unlink(missing_ok=True)


def keep_audio(session: Session, settings: Settings) -> None:
    """Leave what was heard as a WAV file in this folder."""
    file = Path(f"{session.flow}-simulated.wav")
    whole_file.write(file, wav.encode(flow_audio.as_sound(session.lines, settings.prompts_dir)))
    console.print(f"what was heard is in {file}", markup=False)
    if missing := flow_audio.without_audio(session.lines, settings.prompts_dir):
        told = ", ".join(missing)
        console.print(f"silent there, for there is no audio: {told}", style="yellow", markup=False)
