"""An org's settings in the place of others, once two people agreed.

Called by what got their consent. What a person typed is checked here before it is proposed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.common.actors import Actor
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.crm import hosts
from apps.crm.keys import checked_private_key
from apps.crm.models import Connection, OrgToken
from apps.crm.selectors import NO_CONNECTION
from apps.ledger import services as ledger

SIGN_IN = ("host", "flow", "client_id", "username")  # a token got by others is worthless
NAMES = (*SIGN_IN, "path", "reserve_percent", "calls_at_once")
SECRETS = ("private_key", "client_secret", "refresh_token")
# What each way to sign in needs. A key beside a refresh token is the second grant.
NEEDED_BY: dict[str, tuple[str, ...]] = {
    Connection.Flow.JWT_BEARER: ("private_key",),
    Connection.Flow.CLIENT_CREDENTIALS: ("client_secret",),
    Connection.Flow.REFRESH_TOKEN: ("client_secret", "refresh_token"),
}
USED_BY = {**NEEDED_BY, Connection.Flow.REFRESH_TOKEN: SECRETS}  # and nothing else is kept


def lock_live(connection_id: UUID) -> Connection:
    """The row, locked until the transaction ends. Raises `NotFound`, `Conflict` once it ended."""
    rows = Connection.objects.select_for_update(of=("self",))
    found: Connection | None = rows.filter(pk=connection_id).first()
    if found is None:
        raise NotFound(NO_CONNECTION)
    if found.state == Connection.State.DISCONNECTED:
        raise Conflict("This org was disconnected. Connect it again first.")
    return found


def settings_of(connection: Connection) -> dict[str, Any]:
    """Everything that can be changed of a connection, without secrets."""
    return {name: getattr(connection, name) for name in NAMES}


def checked_settings(connection: Connection, given: Mapping[str, Any]) -> dict[str, Any]:
    """All settings with the given ones in their place. Raises `Invalid` naming field and fix."""
    wanted = {**settings_of(connection), **{name: given[name] for name in NAMES if name in given}}
    if wanted["flow"] not in Connection.Flow.values:
        ways = ", ".join(Connection.Flow.values)
        raise Invalid(f"Choose one of the ways to sign in: {ways}.", field="flow")
    if wanted["path"] not in Connection.Path.values:
        raise Invalid(f"The path is one of: {', '.join(Connection.Path.values)}.", field="path")
    return {
        "host": hosts.allowed_host(str(wanted["host"])),
        "flow": str(wanted["flow"]),
        "client_id": _text(wanted, "client_id", "The consumer key"),
        "username": _username(wanted),
        "path": str(wanted["path"]),
        "reserve_percent": _whole(wanted, "reserve_percent", "The reserve", 0, 90),
        "calls_at_once": _whole(wanted, "calls_at_once", "Calls at once", 1, 25),
    }


def checked_secrets(
    before: Mapping[str, Any], wanted: Mapping[str, Any], given: Mapping[str, str]
) -> dict[str, str]:
    """The new secrets, those alone that the way to sign in uses.

    Another way needs its own ones, and another app its refresh token. Raises `Invalid`.
    """
    flow = wanted["flow"]
    other_app = wanted["client_id"] != before["client_id"]
    is_refresh = flow == Connection.Flow.REFRESH_TOKEN
    needed = NEEDED_BY[flow] if flow != before["flow"] or (is_refresh and other_app) else ()
    found = {}
    for name in USED_BY[flow]:
        if given.get(name, "").strip() or name in needed:
            found[name] = _secret(name, given.get(name, ""))
    if "private_key" in found:
        _text(wanted, "username", "The user name")
    return found


def secrets_of(connection: Connection) -> dict[str, str]:
    """The secrets in use now, to be kept sealed by whoever asks."""
    token = OrgToken.objects.get(connection=connection)
    return {
        "private_key": connection.private_key,
        "client_secret": connection.client_secret,
        "refresh_token": token.refresh_token,
    }


@transaction.atomic
def set_settings(
    *,
    actor: Actor,
    connection_id: UUID,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
) -> Connection:
    """Put checked settings in force; `secrets` are new, the others stay as far as they are used.

    Tokens got with other settings are forgotten. Raises `NotFound`, `Conflict`.
    """
    connection = lock_live(connection_id)
    before = settings_of(connection)
    for name in NAMES:
        setattr(connection, name, settings[name])
    signs_in_anew = bool(secrets) or any(before[name] != settings[name] for name in SIGN_IN)
    if signs_in_anew:
        _set_secrets(connection, secrets, keeps=before["flow"] == settings["flow"])
    connection.check_asked_at = now
    connection.save()
    changed = sorted(name for name in NAMES if before[name] != settings[name])
    ledger.record(
        actor=actor,
        action="crm.connection.changed",
        target=connection,
        at=now,
        data={"changed": changed, "new_secrets": sorted(secrets), "host": connection.host},
    )
    enqueue("crm.check_connection", connection_id=connection.pk)
    return connection


def _set_secrets(connection: Connection, secrets: Mapping[str, str], *, keeps: bool) -> None:
    token = OrgToken.objects.select_for_update(of=("self",)).get(connection=connection)
    held = {**(secrets_of(connection) if keeps else {}), **secrets}
    kept = {name: held.get(name, "") for name in SECRETS}
    connection.private_key, connection.client_secret = kept["private_key"], kept["client_secret"]
    token.refresh_token, token.access_token, token.expires_at = kept["refresh_token"], "", None
    token.refused_at, token.refused_code, token.refused_words = None, "", ""
    token.save()


def _username(wanted: Mapping[str, Any]) -> str:
    """Whom a key signs in as; client credentials have the app's own user."""
    if wanted["flow"] == Connection.Flow.JWT_BEARER:
        return _text(wanted, "username", "The user name")
    if wanted["flow"] == Connection.Flow.CLIENT_CREDENTIALS or not str(wanted["username"]).strip():
        return ""
    return _text(wanted, "username", "The user name")


def _secret(name: str, typed: str) -> str:
    if name == "private_key":
        return checked_private_key(typed)
    label, most = {
        "client_secret": ("The consumer secret", 1000),
        "refresh_token": ("The refresh token", 2000),
    }[name]
    return require_text(typed, field=name, label=label, at_most=most)


def _text(wanted: Mapping[str, Any], name: str, label: str) -> str:
    return require_text(str(wanted[name]), field=name, label=label, at_most=255)


def _whole(wanted: Mapping[str, Any], name: str, label: str, least: int, most: int) -> int:
    text = str(wanted[name]).strip()
    if not text.isascii() or not text.isdecimal() or not least <= int(text[:6]) <= most:
        raise Invalid(f"{label} is a whole number from {least} to {most}.", field=name)
    return int(text)
