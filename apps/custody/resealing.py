"""Rotating a data key: new values under the new version at once, old ones resealed in batches.

Each batch is one transaction with its own progress, so that a killed worker's successor goes on
where the last batch ended. A row is changed only while it still holds what was read, so nobody's
write is lost. Rows that the database freezes keep their value, and the old key stays for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.clock import database_now
from apps.common.errors import Conflict, NotFound
from apps.common.jobs import enqueue
from apps.common.scope import current_tenant_id
from apps.custody import policies, sealing
from apps.custody.access import emergency_access
from apps.custody.fields import SealedField
from apps.custody.models import DataKey, KeyWork
from apps.ledger import services as ledger

ROTATE_DECISION = "custody.key.rotate"
BATCH = 200
SETTLE = timedelta(seconds=2 * sealing.REMEMBER_S)  # processes may seal under the old key so long


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column of one purpose."""

    table: str
    name: str

    @property
    def place(self) -> str:
        """What its values are bound to, up to the row's key (see `fields.SealedField`)."""
        return f"{self.table}/{self.name}/"


@transaction.atomic
def rotate_data_key(*, actor: User, purpose: str, factor: FreshFactor, now: datetime) -> KeyWork:
    """A new key for the purpose, for every new value; old values are resealed in the background.

    Raises `Denied`, `NotFound`, `Conflict` while an earlier rotation is under way.
    """
    policies.may_manage_keys(actor=actor).require()
    newest = DataKey.objects.select_for_update().filter(purpose=purpose).order_by("-version")
    row = newest.first()
    if row is None:
        raise NotFound("There is no key for this purpose here.")
    if KeyWork.objects.filter(purpose=purpose).exclude(state=KeyWork.State.FINISHED).exists():
        raise Conflict("This key is being rotated already. Wait until that is finished.")
    accounts.spend_factor(
        factor=factor, user=actor, decision=ROTATE_DECISION, subject=purpose, now=now
    )
    sealing.make_key(purpose, row.version + 1, actor=actor, action="custody.key.rotated")
    key_id = sealing.newest_key_id(purpose)
    total = sum(_count(column, key_id) for column in columns_of(purpose))
    work: KeyWork = KeyWork.objects.create(purpose=purpose, total=total)
    enqueue("custody.reseal", work_id=work.pk)
    return work


def reseal_batch(work_id: UUID) -> bool:
    """Reseal the next batch of a work, in the open transaction. Says whether more is to be done."""
    work = KeyWork.objects.select_for_update(skip_locked=True).filter(pk=work_id).first()
    if work is None or work.state == KeyWork.State.FINISHED:
        return False
    if work.state == KeyWork.State.SETTLING and database_now() < (
        work.settles_at or work.started_at
    ):
        return False
    key_id, rest = sealing.newest_key_id(work.purpose), BATCH
    for column in columns_of(work.purpose):
        if column.place < work.position.rsplit("/", 1)[0]:
            continue
        rest -= _reseal_column(work, column, key_id, most=rest)
        if rest <= 0:
            work.save()
            return True
    _end_of_pass(work, key_id)
    return work.state == KeyWork.State.RUNNING


def columns_of(purpose: str) -> list[Column]:
    """Every sealed column of the purpose, in the order in which a work goes through them."""
    return sorted(
        (column for model in apps.get_models() for column in _columns(model, purpose)),
        key=lambda column: column.place,
    )


def list_unfinished() -> list[UUID]:
    """Works of the open tenant that a worker may go on with now."""
    ready = models.Q(state=KeyWork.State.RUNNING) | models.Q(
        state=KeyWork.State.SETTLING, settles_at__lte=database_now()
    )
    return list(KeyWork.objects.filter(ready).values_list("pk", flat=True))


def _columns(model: type[models.Model], purpose: str) -> Iterator[Column]:
    own = getattr(model, "sealed_purpose", model._meta.app_label)
    for field in model._meta.local_fields if own == purpose and not model._meta.proxy else ():
        if isinstance(field, SealedField):
            yield Column(model._meta.db_table, str(field.column))


def _reseal_column(work: KeyWork, column: Column, key_id: UUID, *, most: int) -> int:
    """Reseal up to `most` values of one column, after the work's position."""
    at = work.position.removeprefix(column.place) if work.position else ""
    after = at if work.position.startswith(column.place) else ""
    rows = _old_rows(column, key_id, after=after, most=most)
    for pk, old in rows:
        if _reseal(work.purpose, column, pk, old):
            work.done += 1
        else:
            work.kept += 1
        work.position = f"{column.place}{pk}"
    return len(rows)


def _reseal(purpose: str, column: Column, pk: UUID, old: bytes) -> bool:
    """False when the row may not be changed. A row that somebody just wrote needs nothing."""
    place = f"{column.place}{pk}"
    with emergency_access():
        plain = sealing.open_value(old, purpose=purpose, place=place)
    new = sealing.seal_value(plain, purpose=purpose, place=place)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f'update "{column.table}" set "{column.name}" = %s'  # noqa: S608  names of models
                f' where id = %s and tenant_id = %s and "{column.name}" = %s',
                [new, pk, current_tenant_id(), old],
            )
    except DatabaseError:
        return False
    return True


def _end_of_pass(work: KeyWork, key_id: UUID) -> None:
    """After the first pass wait for the last writers; after the second retire what is unused."""
    work.position, now = "", database_now()
    if work.state == KeyWork.State.RUNNING:
        work.state, work.settles_at = KeyWork.State.SETTLING, now + SETTLE
        work.kept = 0  # they are counted again
    else:
        work.state, work.finished_at = KeyWork.State.FINISHED, now
        _retire(work, key_id, now=now)
    work.save()


def _retire(work: KeyWork, key_id: UUID, *, now: datetime) -> None:
    """Retire older versions when no row uses them; never for a purpose that seals files too."""
    columns = columns_of(work.purpose)
    if not columns or any(_count(column, key_id) for column in columns):
        return
    old = DataKey.objects.filter(purpose=work.purpose, retired_at=None).exclude(pk=key_id)
    for row in old:
        row.retired_at = now
        row.save(update_fields=["retired_at"])
        ledger.record(
            actor=sealing.KEEPER,
            action="custody.key.retired",
            target=row,
            at=now,
            data={"purpose": row.purpose, "version": row.version},
        )


def _old_rows(column: Column, key_id: UUID, *, after: str, most: int) -> list[tuple[UUID, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f'select id, "{column.name}" from "{column.table}"'  # noqa: S608  names of models
            f" where {_old(column)} and id > %s order by id limit %s",
            [current_tenant_id(), key_id.bytes, after or UUID(int=0), most],
        )
        return [(pk, bytes(value)) for pk, value in cursor.fetchall()]


def _count(column: Column, key_id: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f'select count(*) from "{column.table}" where {_old(column)}',  # noqa: S608
            [current_tenant_id(), key_id.bytes],
        )
        row: Any = cursor.fetchone()
        return int(row[0])


def _old(column: Column) -> str:
    return f'tenant_id = %s and substring("{column.name}" from 1 for 16) <> %s'
