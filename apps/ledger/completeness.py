"""Whether everything that was recorded is in the ledger: what sources acknowledged, and their life.

A lost event is named within two minutes: its source tells of it within one, and this is asked every
minute.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.common.scope import current_tenant_id
from apps.ledger import services

SILENT_AFTER = timedelta(minutes=2)
LOOK_BACK = timedelta(minutes=15)  # what is removed later than this, the signed tree tells
AT_ONCE = 100  # gaps told in one go
LOST = """
    select r.source_id, r.name, number from ledger_receipt r,
        jsonb_array_elements(r.acknowledged) range,
        generate_series((range ->> 0)::bigint, (range ->> 1)::bigint) number
    where r.tenant_id = %s and r.at > %s and not exists (
        select from ledger_event e where e.tenant_id = r.tenant_id
            and e.source_id = r.source_id and e.source_seq = number)
    order by r.source_id, number limit %s
"""
SILENT = """
    select source_id, name, coalesce(last, 0) from (
        select distinct on (source_id) source_id, name, ends, at,
            (acknowledged -> -1 ->> 1)::bigint as last
        from ledger_receipt where tenant_id = %s and at > %s order by source_id, at desc
    ) newest where not ends and at < %s limit %s
"""
HOLES = """
    select source_id, name, before + 1 from (
        select e.source_id, r.name, e.source_seq,
            lag(e.source_seq, 1, 0::bigint) over (partition by e.source_id order by e.source_seq)
                as before
        from ledger_receipt r join ledger_event e
            on e.tenant_id = r.tenant_id and e.source_id = r.source_id
        where r.tenant_id = %s and r.gap_free
    ) numbered where source_seq > before + 1 limit %s
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing: the first missing number of a source, or its last one when it fell silent.

    `reason` is `lost` (acknowledged and gone), `hole` (a gap-free source left a number out) or
    `silent` (no sign of life and no farewell).
    """

    source_id: uuid.UUID
    name: str
    number: int
    reason: str


def find_gaps(now: datetime) -> list[Gap]:
    """What the open tenant's sources told and the ledger lacks; at most 100 of each kind."""
    tenant = current_tenant_id()
    day_ago = now - timedelta(days=1)
    asked: tuple[tuple[str, str, list[Any]], ...] = (
        ("lost", LOST, [tenant, now - LOOK_BACK, AT_ONCE]),
        ("hole", HOLES, [tenant, AT_ONCE]),
        ("silent", SILENT, [tenant, day_ago, now - SILENT_AFTER, AT_ONCE]),
    )
    found = []
    with connection.cursor() as cursor:
        for reason, query, values in asked:
            cursor.execute(query, values)
            found += [Gap(source, name, int(n), reason) for source, name, n in cursor.fetchall()]
    return found


def tell_gaps(now: datetime) -> list[Gap]:
    """Record each gap once in the open tenant's ledger, naming source and number."""
    gaps = find_gaps(now)
    for gap in gaps:
        services.note(
            action="ledger.source.gap",
            target_type="source",
            target_id=str(gap.source_id),
            at=now,
            data={"source": gap.name, "number": gap.number, "reason": gap.reason},
            event_id=uuid.uuid5(gap.source_id, f"{gap.reason} {gap.number}"),
        )
    return gaps
