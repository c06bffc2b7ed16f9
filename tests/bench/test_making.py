"""Making a pack of a tenant's own ledger, as the worker does: from the database to the sealed file.

The processor's time is what counts on a busy machine; the clock's is told beside it.
"""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import rfc8785
from django.conf import settings
from django.db import connection

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.evidence import files, making, services
from apps.evidence.models import Pack
from apps.evidence.verify.run import verify
from apps.ledger import signing
from apps.ledger.services import APPEND
from tests.bench.report import record
from tests.cast import Cast, make_cast
from tests.ledger.sequencing import KEYS, sequence_all

pytestmark = [
    pytest.mark.bench,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(900),
]

EVENTS, BATCH = 100_000, 5_000
TARGET_S = 10


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Cast, Pack]:
    """A pack that was asked for, of a tenant with that many events in its signed log."""
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(signing, "_introduced", [lambda: KEYS])
    cast = make_cast()
    for start in range(0, EVENTS, BATCH):
        with cast.at_acme(), connection.cursor() as cursor:
            cursor.executemany(APPEND, [(body,) for body in _bodies(cast, start)])
    sequence_all()
    with cast.at_acme("otto") as otto:
        now = database_now()
        today = now.date()
        yesterday = today - timedelta(days=1)
        pack = services.request_pack(
            actor=otto, title="Audit", first=yesterday, last=today, now=now
        )
        services.begin_building(pack_id=pack.pk, now=now)
    sequence_all()
    return cast, pack


def _bodies(cast: Cast, start: int) -> Iterator[bytes]:
    """Events as the services write them."""
    at = database_now().isoformat(timespec="microseconds")
    source, tenant = str(uuid.uuid4()), str(cast.acme.pk)
    for number in range(start, start + BATCH):
        yield rfc8785.dumps(
            {
                "v": 2,
                "event_id": str(uuid.uuid4()),
                "tenant_id": tenant,
                "actor": f"user:{number % 17:04d}",
                "action": "llm.call.answered",
                "target": {"type": "llm.call", "id": str(uuid.uuid4())},
                "at": at,
                "request": None,
                "source": {"id": source, "seq": number + 1},
                "data": {"tokens": number, "zone": "eu-core"},
            }
        )


def test_a_pack_of_a_tenants_ledger(asked: tuple[Cast, Pack]) -> None:
    cast, pack = asked
    began, worked = time.perf_counter(), time.process_time()
    making.make(
        tenant_id=cast.acme.pk,
        pack_id=pack.pk,
        now=database_now(),
        say=lambda step, done: None,
    )
    took, spent = time.perf_counter() - began, time.process_time() - worked
    with scoped(tenant_id=cast.acme.pk):
        pdf = files.fetch(pack.pk)
    name = f"pack of a ledger of {EVENTS:,} events"
    whole, peer = f"{name}: from the database to the sealed file", f"at most {TARGET_S} s"
    record("evidence", whole, took, "s", peer=peer, ratio=took / TARGET_S)
    record("evidence", f"{name}: this process's own time", spent, "s")
    assert verify(pdf).exit_code == 0
