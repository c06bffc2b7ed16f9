"""Anchoring as the settings describe it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.ledger.anchoring.anchorer import Anchorer, verifiers
from apps.ledger.anchoring.judge import anchor_file
from apps.ledger.anchoring.locked_object import ObjectAnchor
from apps.ledger.anchoring.outside import Outside
from apps.ledger.anchoring.timestamping import TimestampAnchor
from apps.ledger.anchoring.witnessing import WitnessAnchor
from apps.ledger.note import BadNote, Verifier
from apps.ledger.signing import checkpoint_keys
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.witness.cosignature import Witness


def origin() -> str:
    """The name of the log of logs."""
    return f"{settings.LEDGER_ORIGIN}/ledger"


def our_verifiers() -> list[Verifier]:
    """Who signed the log of logs, ever."""
    return verifiers(origin(), checkpoint_keys())


def anchorer() -> Anchorer:
    """Raises `ImproperlyConfigured` in words that name the setting."""
    return Anchorer(
        origin=origin(),
        keys=checkpoint_keys,
        file=anchor_file(),
        outsides=outsides(),
        interval=timedelta(seconds=settings.LEDGER_ANCHOR_SECONDS),
        keys_file=anchor_file().path.with_name("log-keys"),
    )


def outsides() -> Sequence[Outside]:
    """Every place outside that the settings name. Raises `ImproperlyConfigured`."""
    return [*_timestamps(), *_objects(), *map(_witness, settings.LEDGER_WITNESSES)]


def _timestamps() -> list[Outside]:
    urls = settings.LEDGER_TIMESTAMP_URLS
    if not urls:
        return []
    try:
        roots = load_roots(Path(settings.LEDGER_TIMESTAMP_ROOTS))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(
            "LEDGER_TIMESTAMP_ROOTS must name a PEM file with the roots of the timestamp services"
        ) from error
    return [TimestampAnchor(url, roots) for url in urls]


def _objects() -> list[Outside]:
    if not settings.LEDGER_BUCKET:
        return []
    if settings.LEDGER_BUCKET_DAYS < 1:
        raise ImproperlyConfigured("LEDGER_BUCKET_DAYS must be at least 1")
    return [
        ObjectAnchor(
            bucket=settings.LEDGER_BUCKET,
            prefix=settings.LEDGER_BUCKET_PREFIX,
            days=settings.LEDGER_BUCKET_DAYS,
            endpoint=settings.LEDGER_BUCKET_ENDPOINT,
            region=settings.LEDGER_BUCKET_REGION,
        )
    ]


def _witness(written: str) -> Outside:
    url, _, key = written.strip().partition(" ")
    try:
        return WitnessAnchor(url, Witness.parse(key), our_verifiers)
    except BadNote as error:
        raise ImproperlyConfigured(
            f"LEDGER_WITNESSES must list pairs of URL and verifier key: {error}"
        ) from error
