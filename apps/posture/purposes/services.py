"""Declaring what an app may need, and approving it."""

import hashlib
from datetime import datetime
from typing import Any

import rfc8785
from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.errors import Conflict, Invalid
from apps.crm import selectors as crm
from apps.crm.models import Connection, SnapshotApp
from apps.crm.services.watching import watch_objects
from apps.ledger import services as ledger
from apps.posture import policies
from apps.posture.models import AppPurpose
from apps.residency.models import Zone

DECISION = "posture.approve_purpose"
MOST_NAMES, LONGEST_NAME, LONGEST_WORDS, SHORTEST_WORDS = 100, 80, 400, 10
LISTS = ("scopes", "objects_named", "fields_named", "zones")
State = AppPurpose.State


def names_in(typed: str, *, field: str) -> list[str]:
    """Names between commas, spaces or lines, sorted, each once. Raises `Invalid`."""
    names = sorted(set(typed.replace(",", " ").split()))
    if len(names) > MOST_NAMES:
        raise Invalid(f"Name at most {MOST_NAMES}.", field=field)
    for name in names:
        plain = name.replace("_", "").replace(".", "").replace("-", "")
        if len(name) > LONGEST_NAME or not (plain.isascii() and plain.isalnum()):
            raise Invalid("Use API names only: letters, digits, _ . and -.", field=field)
    return names


@transaction.atomic
def propose_purpose(
    *, actor: User, app: SnapshotApp, words: str, now: datetime, **lists: list[str]
) -> AppPurpose:
    """Declare what an app may need; an earlier proposal gives way. `lists` are those of `LISTS`.

    Raises `Denied`, `NotFound`, and `Invalid` for no words, no scopes or a zone that is none.
    """
    connection = crm.lock_connection_for(actor=actor, connection_id=app.snapshot.connection_id)
    policies.may_propose_purpose(actor, connection).require()
    words = " ".join(words.replace("\x00", "").split())
    if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
        raise Invalid(
            f"Say in {SHORTEST_WORDS} to {LONGEST_WORDS} characters what it does.", field="words"
        )
    if not lists["scopes"]:
        raise Invalid("Name at least one scope.", field="scopes")
    known = set(Zone.objects.values_list("slug", flat=True))
    if strange := [zone for zone in lists["zones"] if zone not in known]:
        raise Invalid(f"There is no zone {strange[0]} here.", field="zones")
    rows = AppPurpose.objects.filter(connection=connection, app_key=app.app_key)
    rows.filter(state=State.PROPOSED).update(state=State.SUPERSEDED)
    body = {"connection": str(connection.pk), "app": app.app_key, "words": words, **lists}
    proposed: AppPurpose = AppPurpose.objects.create(
        connection=connection, app_key=app.app_key, app_label=app.label, words=words,
        content_hash=hashlib.sha256(rfc8785.dumps(body)).hexdigest(),
        proposed_by=actor, proposed_at=now, **lists,
    )  # fmt: skip
    _record(actor, proposed, "posture.purpose.proposed", now)
    return proposed


@transaction.atomic
def approve_purpose(
    *, actor: User, purpose: AppPurpose, factor: FreshFactor, now: datetime
) -> AppPurpose:
    """Put a proposal into force. The factor was proved for `DECISION` and its `content_hash`.

    Raises `Denied` for its author too, `FactorRefused`, and `Conflict` for one already decided.
    """
    crm.lock_connection_for(actor=actor, connection_id=purpose.connection_id)
    found: AppPurpose = AppPurpose.objects.select_related("connection").get(pk=purpose.pk)
    policies.may_approve_purpose(actor, found).require()
    if found.state != State.PROPOSED:
        raise Conflict("This proposal was decided or replaced already.")
    accounts.spend_factor(
        factor=factor, user=actor, decision=DECISION, subject=found.content_hash, now=now
    )
    rows = AppPurpose.objects.filter(connection_id=found.connection_id, app_key=found.app_key)
    rows.filter(state=State.APPROVED).update(state=State.SUPERSEDED)
    found.state, found.decided_by, found.decided_at = State.APPROVED, actor, now
    found.save(update_fields=["state", "decided_by", "decided_at"])
    watch_declared(found.connection)
    _record(actor, found, "posture.purpose.approved", now)
    return found


@transaction.atomic
def refuse_purpose(*, actor: User, purpose: AppPurpose, now: datetime) -> AppPurpose:
    """End a proposal; what was in force stays so. Refusing gives nothing, so it needs no code.

    Raises `Denied` for its author too, who proposes another instead, and `Conflict` for one
    already decided.
    """
    crm.lock_connection_for(actor=actor, connection_id=purpose.connection_id)
    found: AppPurpose = AppPurpose.objects.select_related("connection").get(pk=purpose.pk)
    policies.may_approve_purpose(actor, found).require()
    if found.state != State.PROPOSED:
        raise Conflict("This proposal was decided or replaced already.")
    found.state, found.decided_by, found.decided_at = State.REFUSED, actor, now
    found.save(update_fields=["state", "decided_by", "decided_at"])
    _record(actor, found, "posture.purpose.refused", now)
    return found


def watch_declared(connection: Connection) -> None:
    """Let snapshots read the fields of every object that a purpose in force names."""
    named = AppPurpose.objects.filter(connection=connection, state=State.APPROVED)
    objects = {name for row in named for name in row.objects_named if "." not in name}
    fields = {name.partition(".")[0] for row in named for name in row.fields_named if "." in name}
    watch_objects(connection, objects | fields)


def _record(actor: User, purpose: AppPurpose, action: str, now: datetime) -> None:
    data: dict[str, Any] = {
        "connection": str(purpose.connection_id),
        "app": purpose.app_key,
        "content_hash": purpose.content_hash,
        **{name: getattr(purpose, name) for name in LISTS},
    }
    ledger.record(actor=actor, action=action, target=purpose, at=now, data=data)
