"""Runs one engine against the Asterisk of the settings, until a signal or a fault ends it."""

from __future__ import annotations

import asyncio
import signal

import structlog

from engine.api.server import ApiUnavailable
from engine.app import Engine
from engine.asterisk.ari import LoginRefused, Replaced
from engine.config.site import Site
from engine.settings import Settings
from engine.store.errors import LedgerTooNew
from engine.store.journal import JournalBusy, JournalFull

log = structlog.get_logger("engine")

_FATAL = (ApiUnavailable, JournalBusy, JournalFull, LedgerTooNew, LoginRefused, Replaced)
"""What an operator can put right: told in a line. Everything else is a fault of ours."""

_ADVICE = {
    LoginRefused: "correct TONGDAI_ARI_USER and TONGDAI_ARI_PASSWORD, or Asterisk's ari.conf",
    Replaced: "one Asterisk serves two engines under one name: stop one, or set another "
    "TONGDAI_APP, here and in the dialplan",
}


async def serve(settings: Settings, site: Site) -> int:
    """One engine until it is told to end. Returns the exit code.

    SIGTERM and SIGINT leave the calls up in Asterisk, for the next engine. SIGUSR1 first hangs them
    up and writes their records: for an Asterisk that is about to end, too. SIGHUP reads the site's
    files again.
    """
    try:
        engine = Engine(settings, site)
    except (*_FATAL, OSError) as error:
        log.error("cannot_start", reason=str(error))
        return 1
    running = asyncio.create_task(engine.run())
    closing = asyncio.create_task(_close_when_told(engine, running))
    reloading = asyncio.create_task(_reload_when_told(engine))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        log.info("stopped")
        return 0
    except ExceptionGroup as group:
        _tell(group)
    finally:
        closing.cancel()
        reloading.cancel()
    return 1


async def _close_when_told(engine: Engine, running: asyncio.Task[None]) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, told.set)
    await told.wait()
    await engine.close_calls()
    running.cancel()


async def _reload_when_told(engine: Engine) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.set)
    while True:
        await told.wait()
        told.clear()
        try:
            await engine.in_force.reload()
        except Exception:  # the settings of before stay in force; the next signal counts again
            log.exception("reload_failed")


def _tell(group: ExceptionGroup[Exception]) -> None:
    fatal, others = group.split(_FATAL)
    for leaf in _leaves(fatal) if fatal else ():
        advice = _ADVICE.get(type(leaf))
        log.error("stopped_by", reason=f"{leaf}: {advice}" if advice else str(leaf))
    if others is not None:
        log.error("engine_failed", exc_info=others)


def _leaves(group: ExceptionGroup[Exception]) -> list[Exception]:
    leaves: list[Exception] = []
    for each in group.exceptions:
        leaves += _leaves(each) if isinstance(each, ExceptionGroup) else [each]
    return leaves
