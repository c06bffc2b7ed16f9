"""The environment handed to every process of the console, in one place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from console.dev import urls
from console.dev.roles import SEQUENCER
from console.dev.secret_files import kept_secret
from console.dev.servers import Addresses


def for_children(
    addresses: Addresses,
    *,
    data: Path,
    libraries: Mapping[str, str],
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """What web, worker, beat, migrations and tests see. What the caller set already stays."""
    inherited = dict(environ)
    inherited.setdefault("SECRET_KEY", kept_secret(data / "secret_key"))
    inherited.setdefault("BAILIWICK_KEYRING", str(data / "keyring.json"))
    return {
        **inherited,
        **libraries,
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "DATABASE_URL": addresses.database.app,
        "DATABASE_OWNER_URL": addresses.database.owner,
        "DATABASE_SEQUENCER_URL": addresses.database.sequencer,
        "DATABASE_MIGRATOR_URL": addresses.database.migrator,
        "DATABASE_RETENTION_URL": addresses.database.retention,
        "DATABASE_APP_ROLE": urls.user_of(addresses.database.app),
        "DATABASE_SEQUENCER_ROLE": urls.user_of(addresses.database.sequencer) or SEQUENCER,
        "REDIS_URL": addresses.redis,
        "BAILIWICK_VAR": str(data),
        "TZ": "UTC",
        "PYTHONUNBUFFERED": "1",
    }


def as_owner(env: Mapping[str, str]) -> dict[str, str]:
    """The same environment for a command that may change the schema."""
    return {**env, "BAILIWICK_ROLE": "owner"}
