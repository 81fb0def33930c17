"""``tongdai flow``: what people who write flows do with them, from the check to the publication.

Another file adds commands of its own with ``@flow.app.command()``; ``main`` imports it.
"""

from __future__ import annotations

import typer

app = typer.Typer(help="Check, try, publish and take back flows.", no_args_is_help=True)


@app.callback()
def begin() -> None:
    """Check, try, publish and take back flows."""
