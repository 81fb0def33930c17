"""Puts archive and service together as the settings want them: keys, stores, folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from engine.recordings import keys
from engine.recordings.archive import Archive
from engine.recordings.finishing import Finishing
from engine.recordings.keys import KeyUnusable, MasterKeys
from engine.recordings.places import Folder, Place, Places
from engine.recordings.s3 import S3, SCHEME
from engine.recordings.service import RecordingService
from engine.recordings.settings import RecordingsSettings, S3Settings
from engine.recordings.signing import Credentials
from engine.recordings.workshop import Workshop
from engine.secrets import Secrets, UnknownSecret
from engine.store.ledger import Ledger
from engine.store.recordings import RecordingFiles

log = structlog.get_logger("recordings")


def open_archive(
    settings: RecordingsSettings, known: Secrets, ledger: Ledger, now: Callable[[], float]
) -> Archive:
    """The archive of a ledger; whoever opens it closes its ``places``. Raises ``KeyUnusable``."""
    master = keys.load(settings.key, settings.old_keys, known)
    return Archive(RecordingFiles(ledger), _places(settings, known, now), master, now)


def open_without_keys(ledger: Ledger, now: Callable[[], float]) -> Archive:
    """For what needs neither sound nor store: what is removed in a store waits for the engine."""
    return Archive(RecordingFiles(ledger), Places(), MasterKeys(), now)


def try_secrets(settings: RecordingsSettings, known: Secrets) -> None:
    """Raises ``KeyUnusable`` when the archive could not be opened with these."""
    keys.load(settings.key, settings.old_keys, known)
    _places(settings, known, lambda: 0.0)


def open_service(
    settings: RecordingsSettings,
    folder: Path | None,
    known: Secrets,
    ledger: Ledger,
    now: Callable[[], float],
    keep_days: Callable[[], Mapping[str, float | None]],
) -> tuple[Archive, RecordingService]:
    """The archive with the service that looks after it. ``folder`` is where Asterisk's recordings
    are, if we can see them.

    With a key that cannot be used nothing is finished, for it would not be encrypted, nor moved;
    calls are recorded all the same.
    """
    try:
        archive = open_archive(settings, known, ledger, now)
    except KeyUnusable as error:
        log.error("recordings_key_unusable", reason=str(error))
        archive = open_without_keys(ledger, now)
        folder = None
    finishing = None
    if folder is not None:
        finishing = Finishing(archive, settings, folder, Workshop())
    return archive, RecordingService(archive, settings, finishing, keep_days)


def _places(settings: RecordingsSettings, known: Secrets, now: Callable[[], float]) -> Places:
    if settings.s3 is not None:
        store: Place = _store(settings.s3, known, now)
        return Places(store, {SCHEME: store})
    return Places(Folder(settings.move_to) if settings.move_to is not None else None)


def _store(settings: S3Settings, known: Secrets, now: Callable[[], float]) -> S3:
    try:
        credentials = Credentials(
            known.fill(settings.access_key), known.fill(settings.secret_key), settings.region
        )
    except UnknownSecret as error:
        raise KeyUnusable(f"`s3` of `recordings`: {error}") from error
    return S3(settings.url, settings.bucket, settings.prefix, credentials, now)
