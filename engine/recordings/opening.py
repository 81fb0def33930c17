"""Puts the archive together as the settings want it: keys, stores, the folder of today."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from engine.recordings import keys
from engine.recordings.archive import Archive
from engine.recordings.keys import KeyUnusable
from engine.recordings.places import Folder, Place, Places
from engine.recordings.s3 import S3, SCHEME
from engine.recordings.settings import RecordingsSettings, S3Settings
from engine.recordings.signing import Credentials
from engine.secrets import Secrets, UnknownSecret
from engine.store.ledger import Ledger
from engine.store.recordings import RecordingFiles


@asynccontextmanager
async def opened(
    settings: RecordingsSettings, known: Secrets, ledger: Ledger, now: Callable[[], float]
) -> AsyncIterator[Archive]:
    """The archive of an open ledger, with its connections until the end of the block.

    Raises ``KeyUnusable``.
    """
    master = keys.load(settings.key, settings.old_keys, known)
    store = None if settings.s3 is None else _store(settings.s3, known, now)
    target: Place | None = store
    if settings.move_to is not None:
        target = Folder(settings.move_to)
    places = Places(target, {} if store is None else {SCHEME: store})
    try:
        yield Archive(RecordingFiles(ledger), places, master, now)
    finally:
        if store is not None:
            await store.close()


def _store(settings: S3Settings, known: Secrets, now: Callable[[], float]) -> S3:
    try:
        credentials = Credentials(
            known.fill(settings.access_key), known.fill(settings.secret_key), settings.region
        )
    except UnknownSecret as error:
        raise KeyUnusable(f"recordings: s3: {error}") from error
    return S3(settings.url, settings.bucket, settings.prefix, credentials, now)
