"""Logs: one call to structlog, one line for people on the terminal, one line of JSON in a file.

Phone numbers and typed digits stand under keys that are masked here, so no caller's number is in
a log by accident. ``call_id`` is bound once, where a call's task begins.
"""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

NUMBERS = frozenset({"caller", "number"})
DIGITS = frozenset({"digit", "digits", "keys", "pin"})

# Without the variables of each frame: they hold what is masked above, and passwords.
_FRAMES = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
_FILE_BYTES = 20_000_000
_FILES = 5


def configure(format_: str = "console", level: str = "info", file: Path | None = None) -> None:
    """Send everything logged to standard error as ``format_``, and to ``file`` as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask,
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_terminal(format_, shared)]
    if file is not None:
        root.handlers.append(_file(file, shared))
    root.setLevel(level.upper())
    for noisy in ("aiohttp", "asyncio", "alembic", "aiosqlite", "sqlalchemy", "panoramisk"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the last three digits of a number and the count of typed keys."""
    for key in (NUMBERS | DIGITS) & event.keys():
        if event[key] is not None:
            event[key] = _masked(key, str(event[key]))
    return event


def _masked(key: str, text: str) -> str:
    if key in DIGITS:
        return "•" * len(text)
    return "…" + text[-3:] if len(text) > 3 else text


def _terminal(format_: str, shared: list[structlog.typing.Processor]) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if format_ == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            pad_event_to=18,
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    handler.setFormatter(_formatter(renderer, shared))
    return handler


def _file(path: Path, shared: list[structlog.typing.Processor]) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8"
    )
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler.setFormatter(_formatter(renderer, shared))
    return handler


def _formatter(
    renderer: structlog.typing.Processor, shared: list[structlog.typing.Processor]
) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _FRAMES if isinstance(renderer, structlog.processors.JSONRenderer) else _as_it_is,
            renderer,
        ],
    )


def _as_it_is(_logger: Any, _method: str, event: Any) -> Any:
    return event
