"""Each tenant's newest checkpoint becomes an entry of the log of logs, which is signed."""

from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from apps.ledger import note
from apps.ledger.anchoring import rootlog
from apps.ledger.anchoring.heads import ROOT_LOG, Head
from apps.ledger.anchoring.trees import tenant_hashes
from apps.ledger.merkle import (
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_of,
)
from apps.ledger.note import Checkpoint, Verifier
from tests.ledger.anchoring.conftest import NOW, Books

pytestmark = pytest.mark.django_db


def latest(books: Books) -> rootlog.Signed:
    signed = rootlog.latest(books.connection)
    assert signed is not None
    return signed


def leaf_of(books: Books, tenant: UUID) -> tuple[int, int, bytes]:
    row = books.one(
        "SELECT idx, size, leaf FROM ledger_rootleaf WHERE tenant_id = %s"
        " ORDER BY size DESC LIMIT 1",
        tenant,
    )
    assert row is not None
    return row[0], row[1], bytes(row[2])


def test_a_checkpoint_becomes_a_signed_entry(books: Books, place: Path) -> None:
    tenant = books.tenant(entries=3)
    books.anchorer(place).step(books.connection, NOW)
    signed = latest(books)
    known = [Verifier("books.example/ledger", books.keys.key.public)]
    told = Checkpoint.parse(note.check(signed.note, known).text)
    assert (told.size, told.root) == (signed.size, signed.root)
    index, size, leaf = leaf_of(books, tenant)
    row = books.one("SELECT note FROM ledger_checkpoint WHERE tenant_id = %s", tenant)
    assert row is not None
    assert (size, leaf) == (3, leaf_hash(note.parse(row[0]).text.encode()))
    path = inclusion_path(rootlog.hashes(books.connection), index, signed.size)
    check_inclusion(leaf, index, signed.size, path, signed.root)


def test_only_the_newest_checkpoint_is_taken_and_once(books: Books, place: Path) -> None:
    tenant = books.tenant(entries=1)
    books.grow(tenant, 4)
    anchorer = books.anchorer(place)
    anchorer.step(books.connection, NOW)
    before = latest(books)
    anchorer.step(books.connection, NOW)
    assert latest(books) == before
    row = books.one("SELECT count(*), max(size) FROM ledger_rootleaf WHERE tenant_id = %s", tenant)
    assert row == (1, 5)


def test_the_log_of_logs_only_grows(books: Books, place: Path) -> None:
    anchorer = books.anchorer(place)
    heads = []
    for count in (1, 2, 3, 5, 8):
        for _ in range(count):
            books.tenant(entries=1)
        anchorer.step(books.connection, NOW)
        heads.append(latest(books).head)
    hashes = rootlog.hashes(books.connection)
    for old, new in pairwise(heads):
        path = consistency_path(hashes, old.size, new.size)
        check_consistency(old.size, new.size, old.root, new.root, path)
    rows = books.connection.execute("SELECT leaf FROM ledger_rootleaf ORDER BY idx").fetchall()
    assert root_of([bytes(leaf) for (leaf,) in rows]) == heads[-1].root


def test_what_is_anchored_is_remembered_outside_the_database(books: Books, place: Path) -> None:
    tenant = books.tenant(entries=2)
    anchorer = books.anchorer(place)
    anchorer.step(books.connection, NOW)
    remembered = anchorer.file.read()
    assert remembered.heads[ROOT_LOG] == latest(books).head
    assert remembered.heads[str(tenant)] == Head(2, books.edges[tenant].root())
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_lost_memory_is_made_again_from_the_log_of_logs(books: Books, place: Path) -> None:
    tenant = books.tenant(entries=2)
    anchorer = books.anchorer(place)
    anchorer.step(books.connection, NOW)
    place.unlink()
    anchorer.step(books.connection, NOW)
    assert anchorer.file.read().heads[str(tenant)].size == 2


def test_a_tenants_tree_is_read_for_proofs(books: Books) -> None:
    tenant = books.tenant(entries=3)
    old = books.edges[tenant].copy()
    books.grow(tenant, 4)
    new = books.edges[tenant]
    path = consistency_path(tenant_hashes(books.connection, tenant, 7), 3, 7)
    check_consistency(3, 7, old.root(), new.root(), path)
