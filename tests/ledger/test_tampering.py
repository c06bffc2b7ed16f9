"""What a superuser changes behind every guard is found and named."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import ClientCursor
from pytest_django.plugin import DjangoDbBlocker

from apps.common.scope import scoped
from apps.ledger import verify
from apps.ledger.checking import Outcome, check
from apps.ledger.export.database import newest_checkpoint, verifiers_of
from apps.ledger.models import Receipt
from apps.ledger.verify import CONSISTENCY, GAP, SIGNATURE, TREE
from tests.ledger.kept_log import KeptLog, kept_log
from tests.ledger.resigning import resign
from tests.ledger.tampering import AT, tamper

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("guards_off")]

THIS = f"{AT} AND id = (SELECT event_id FROM ledger_leaf WHERE {AT} AND seq = %(seq)s)"
NEWEST = f"{AT} AND size = (SELECT max(size) FROM ledger_checkpoint WHERE {AT})"
FLIP = "set_byte({0}, 3, get_byte({0}, 3) # 1)"
BODY = "convert_to(replace(convert_from(body, 'UTF8'), 'member.added', 'member.barred'), 'UTF8')"

# What was done, the verifier's exit code, and what its words name. {event} is the id at position
# 40, {other} at 41.
TAMPERED = {
    "an event's body": (
        f"UPDATE ledger_event SET body = {BODY} WHERE {THIS}",
        TREE,
        "event {event} at position 40 is not what was signed",
    ),
    "an event's column": (
        f"UPDATE ledger_event SET actor = 'user:nobody' WHERE {THIS}",
        TREE,
        "event {event}: its column actor is not what its body says",
    ),
    "an event's moment": (
        f"UPDATE ledger_event SET at = at - interval '1 year' WHERE {THIS}",
        TREE,
        "event {event}: its column at is not what its body says",
    ),
    "an event's request": (
        f"UPDATE ledger_event SET request_id = gen_random_uuid() WHERE {THIS}",
        TREE,
        "event {event}: its column request_id is not what its body says",
    ),
    "an event's source": (
        f"UPDATE ledger_event SET source_seq = source_seq + 1 WHERE {THIS}",
        TREE,
        "event {event}: its column source_seq is not what its body says",
    ),
    "an event told twice": (
        f"""INSERT INTO ledger_event (id, tenant_id, action, actor, target_type, target_id, at,
            recorded_at, request_id, source_id, source_seq, body, leaf, xid, eid)
            SELECT id, tenant_id, action, actor, target_type, target_id, at,
            recorded_at + interval '1 month', request_id, source_id, source_seq, body, leaf, xid,
            eid FROM ledger_event WHERE {THIS}""",
        TREE,
        "event {event} at position 40 is there twice",
    ),
    "an event removed": (
        f"DELETE FROM ledger_event WHERE {THIS}",
        GAP,
        "position 40 is missing",
    ),
    "two events swapped": (
        f"""UPDATE ledger_event e SET body = o.body
            FROM ledger_event o, ledger_leaf l, ledger_leaf k
            WHERE l.{AT} AND k.{AT} AND l.seq IN (40, 41) AND k.seq = 81 - l.seq
            AND e.tenant_id = l.tenant_id AND e.id = l.event_id
            AND o.tenant_id = k.tenant_id AND o.id = k.event_id""",
        TREE,
        "event {other} at position 40 is not what was signed",
    ),
    "an event slipped in": (
        f"""INSERT INTO ledger_event (id, tenant_id, action, actor, target_type, target_id, at,
            recorded_at, body, leaf, xid, eid)
            SELECT '00000000-0000-4000-8000-00000000abcd', tenant_id, action, actor, target_type,
            target_id, at, recorded_at - interval '2 minutes', body, leaf, xid, -eid
            FROM ledger_event WHERE {THIS}""",
        GAP,
        "event 00000000-0000-4000-8000-00000000abcd",
    ),
    "a leaf under a full tile": (
        f"UPDATE ledger_leaf SET leaf = {FLIP.format('leaf')} WHERE {AT} AND seq = 40",
        TREE,
        "position 40",
    ),
    "a leaf under no full tile": (
        f"UPDATE ledger_leaf SET leaf = {FLIP.format('leaf')} WHERE {AT} AND seq = 270",
        TREE,
        "position 270",
    ),
    "a leaf removed": (
        f"DELETE FROM ledger_leaf WHERE {AT} AND seq = 40",
        GAP,
        "position 40",
    ),
    "a tile": (
        f"UPDATE ledger_tile SET data = {FLIP.format('data')} WHERE {AT} AND level = 0",
        TREE,
        "position 0",
    ),
    "a tile's root": (
        f"UPDATE ledger_tile SET root = {FLIP.format('root')} WHERE {AT} AND level = 0",
        TREE,
        "ledger_tile 0/0: its root is not its hashes'",
    ),
    "a checkpoint's root": (
        f"UPDATE ledger_checkpoint SET root = {FLIP.format('root')} WHERE {NEWEST}",
        TREE,
        "its row has another root than its note",
    ),
    "a checkpoint's size": (
        f"UPDATE ledger_checkpoint SET size = size - 1 WHERE {NEWEST}",
        TREE,
        "its note is of size",
    ),
    "a checkpoint's note": (
        f"UPDATE ledger_checkpoint SET note = regexp_replace(note, '\\n\\d+\\n', E'\\n299\\n')"
        f" WHERE {NEWEST}",
        SIGNATURE,
        "signature",
    ),
    "a checkpoint's frontier": (
        f"UPDATE ledger_checkpoint SET frontier = {FLIP.format('frontier')} WHERE {NEWEST}",
        TREE,
        "its frontier does not give its root",
    ),
}


TABLES = ("ledger_event", "ledger_leaf", "ledger_tile", "ledger_checkpoint")
STORED = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


@pytest.fixture(scope="module")
def standing_log(guards_off: None, django_db_blocker: DjangoDbBlocker) -> KeptLog:
    """One log for all tests that put back what they tampered with."""
    with django_db_blocker.unblock():
        return kept_log()


@pytest.fixture
def log(standing_log: KeptLog, admin_connection: psycopg.Connection) -> Iterator[KeptLog]:
    """The standing log, whose rows are as they were again afterwards."""
    tenant = {"tenant": standing_log.tenant}
    for table in TABLES:
        kept = f"CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table} WHERE {AT}"
        admin_connection.execute(ClientCursor(admin_connection).mogrify(kept, tenant))
    admin_connection.commit()
    yield standing_log
    admin_connection.rollback()
    for table in TABLES:
        (columns,) = admin_connection.execute(STORED, [table]).fetchone() or ("",)
        admin_connection.execute(f"DELETE FROM {table} WHERE {AT}", tenant)
        admin_connection.execute(
            f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
            f" SELECT {columns} FROM kept_{table}"
        )
    admin_connection.commit()


def checked(log: KeptLog, seen: tuple[int, bytes] | None = None) -> Outcome:
    """What the scheduled check finds over the rows."""
    with scoped(tenant_id=log.tenant):
        newest = newest_checkpoint()
        return check(newest, verifiers=verifiers_of(newest, log.keys), seen=seen)


def words_of(found: Outcome | verify.Report) -> str:
    if isinstance(found, Outcome):
        return "\n".join(each.words for each in found.findings)
    return "\n".join(words for _, words in found.failed)


def test_an_untouched_log_is_good(log: KeptLog, tmp_path: Path) -> None:
    report = verify.verify(log.export(tmp_path / "export"), keys=[log.vkey])
    assert (report.failed, report.size) == ([], len(log.events))
    assert checked(log).findings == []


@pytest.mark.parametrize("what", TAMPERED)
def test_it_is_named(
    what: str, log: KeptLog, admin_connection: psycopg.Connection, tmp_path: Path
) -> None:
    sql, code, words = TAMPERED[what]
    expected = words.format(event=log.events[40], other=log.events[41])
    tamper(admin_connection, log, sql)
    report = verify.verify(log.export(tmp_path / "export"), keys=[log.vkey])
    assert report.code == code, report.failed
    assert expected in words_of(report)
    outcome = checked(log)
    assert code in {finding.code for finding in outcome.findings}, outcome.findings
    assert expected in words_of(outcome) or what in {"a tile"}


def test_what_was_put_back_is_good_again(standing_log: KeptLog) -> None:
    assert checked(standing_log).findings == []


def test_a_number_that_a_source_acknowledged_and_no_entry_has_is_named(tmp_path: Path) -> None:
    log, source = kept_log(12), uuid4()
    with scoped(tenant_id=log.tenant):
        early = newest_checkpoint().at - timedelta(minutes=2)
        Receipt.objects.create(source_id=source, name="web", acknowledged=[[7, 7]], at=early)
    report = verify.verify(log.export(tmp_path / "export"), keys=[log.vkey])
    assert report.failed == [(GAP, f"source web {source} lost 7")]


def test_a_restored_backup_is_found_against_what_was_kept_outside(
    log: KeptLog, admin_connection: psycopg.Connection, tmp_path: Path
) -> None:
    kept = tmp_path / "anchored"
    with scoped(tenant_id=log.tenant):
        newest = newest_checkpoint()
    kept.write_text(newest.note)
    for sql in (
        f"DELETE FROM ledger_checkpoint WHERE {NEWEST}",
        f"DELETE FROM ledger_leaf WHERE {AT} AND seq >= 200",
        f"DELETE FROM ledger_tile WHERE {AT}",
    ):
        tamper(admin_connection, log, sql)
    place = log.export(tmp_path / "export")
    assert verify.verify(place).code != CONSISTENCY
    report = verify.verify(place, since=[kept])
    assert CONSISTENCY in {code for code, _ in report.failed}
    assert "is ahead: this log ends at" in words_of(report)
    assert "it was set back" in words_of(checked(log, (newest.size, bytes(newest.root))))


def test_a_fork_signed_with_our_own_key_is_found(
    admin_connection: psycopg.Connection,
    sequencer_connection: psycopg.Connection,
    tmp_path: Path,
) -> None:
    """Rewritten from the first entry and signed anew: whole in itself, and not what was kept."""
    log = kept_log()
    kept = tmp_path / "anchored"
    with scoped(tenant_id=log.tenant):
        newest = newest_checkpoint()
    kept.write_text(newest.note)
    for table in ("ledger_checkpoint", "ledger_leaf", "ledger_tile"):
        tamper(admin_connection, log, f"DELETE FROM {table} WHERE {AT}")
    tamper(
        admin_connection,
        log,
        f"DELETE FROM ledger_event WHERE {AT} AND id = '{log.events[40]}'",
    )
    log.add(5)
    resign(sequencer_connection, log.tenant, log.keys.signing)
    place = log.export(tmp_path / "export")
    assert verify.verify(place, keys=[log.vkey]).code == 0, "a fork is whole in itself"
    report = verify.verify(place, keys=[log.vkey], since=[kept])
    assert report.code == CONSISTENCY
    assert "had other entries: the log was forked or rewritten" in words_of(report)
    assert "not those that were verified before" in words_of(
        checked(log, (newest.size, bytes(newest.root)))
    )
