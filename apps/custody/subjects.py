"""Personal fields under a key of their person, so that erasing the key erases them everywhere.

A ledger entry cannot be changed, so personal values in it are sealed under the key of the person
they are about. GDPR Article 17 is then met by destroying the key: the entry, its leaf and every
proof stay as they were, and nobody can open the values again.

    ledger.record(..., data={"personal": seal_personal(actor.actor_ref, {"address": address})})
"""

import base64
import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common import keyring
from apps.common.clock import not_before
from apps.common.errors import NotFound
from apps.common.scope import current_tenant_id
from apps.custody import policies
from apps.custody.models import SubjectKey
from apps.ledger import services as ledger
from apps.ledger.errors import NotRecorded
from apps.ledger.spool.switch import is_spooling

ERASE_DECISION = "custody.subject.erase"
SUBJECT = re.compile(r"[a-z_]{1,30}:[A-Za-z0-9-]{1,64}")
FIELD = re.compile(r"[a-z][a-z_]{0,39}")


class Erased(keyring.CannotOpen):
    """The person's key was destroyed: the values are gone for good."""


def seal_personal(subject: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """The fields sealed under the subject's own key, as JSON that a ledger entry may carry.

    Raises as `prepare_personal` does, and what sealing raises when no key provider answers.
    """
    row = prepare_personal(subject, fields)
    plain = json.dumps(dict(fields), ensure_ascii=False, sort_keys=True).encode()
    sealed = keyring.seal(_secret(row), plain, place=_place(row))
    return {
        "sealed": base64.b64encode(sealed).decode(),
        "key": str(row.pk),
        "fields": sorted(fields),
    }


def prepare_personal(subject: str, fields: Iterable[str]) -> SubjectKey:
    """The subject's key, ready for these fields, so that sealing them later writes nothing.

    `subject` is a reference like `user:<id>`, never a name or an address. Raises `ValueError` for
    anything else, and `NotRecorded` when a key is missing while the ledger cannot be written: a
    value that cannot be sealed is not kept.
    """
    fields = set(fields)
    if not SUBJECT.fullmatch(subject) or not all(map(FIELD.fullmatch, fields)):
        raise ValueError("a subject is a reference like user:<id>; fields are short names")
    row = _living(subject)
    if is_spooling() and (row is None or not fields.issubset(row.fields)):
        raise NotRecorded(
            "Personal values could not be sealed while the database takes no writes, so nothing"
            " was done."
        )
    row = row or _make(subject)
    _remember_fields(row, fields)
    return row


def open_personal(sealed: Mapping[str, Any]) -> dict[str, str]:
    """What `seal_personal` sealed in the open tenant. Raises `Erased`, `CannotOpen`."""
    row = SubjectKey.objects.filter(pk=UUID(str(sealed["key"]))).first()
    if row is None:
        raise keyring.CannotOpen("this tenant has no such key of a person")
    if row.erased_at is not None:
        raise Erased("the person's key was destroyed")
    plain = keyring.open_sealed(
        _secret(row), base64.b64decode(str(sealed["sealed"])), place=_place(row)
    )
    opened: dict[str, str] = json.loads(plain)
    return opened


@transaction.atomic
def erase_subject(*, actor: User, subject: str, factor: FreshFactor, now: datetime) -> SubjectKey:
    """Destroy the subject's key; what was sealed under it can never be read again.

    Raises `Denied`, `NotFound` when nothing of theirs is sealed here, `FactorRefused`.
    """
    policies.may_erase_subject(actor=actor).require()
    row = SubjectKey.objects.select_for_update().filter(subject=subject, erased_at=None).first()
    if row is None:
        raise NotFound("Nothing of this person is sealed here, or it was erased already.")
    accounts.spend_factor(
        factor=factor, user=actor, decision=ERASE_DECISION, subject=str(row.pk), now=now
    )
    row.secret, row.erased_at = None, not_before(now)
    row.save(update_fields=["secret", "erased_at"])
    ledger.record(
        actor=actor,
        action="custody.subject.erased",
        target=row,
        at=now,
        data={"subject": subject, "fields": list(row.fields)},
    )
    return row


def _living(subject: str) -> SubjectKey | None:
    return SubjectKey.objects.filter(subject=subject, erased_at=None).first()


def _make(subject: str) -> SubjectKey:
    """The subject's key. Two who make it at once agree on the one that was first."""
    secret = base64.b64encode(os.urandom(keyring.KEY_BYTES)).decode()
    try:
        with transaction.atomic():
            row: SubjectKey = SubjectKey.objects.create(subject=subject, secret=secret)
            return row
    except IntegrityError:
        return SubjectKey.objects.get(subject=subject, erased_at=None)


def _remember_fields(row: SubjectKey, fields: Iterable[str]) -> None:
    new = sorted({*row.fields, *fields})
    if new != row.fields:
        row.fields = new
        row.save(update_fields=["fields"])


def _secret(row: SubjectKey) -> bytes:
    return base64.b64decode(str(row.secret))


def _place(row: SubjectKey) -> str:
    return f"personal/{current_tenant_id()}/{row.subject}/{row.pk}"
