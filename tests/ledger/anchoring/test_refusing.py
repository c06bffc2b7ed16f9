"""A database put back, or changed, is not signed for: not by us, and not without being said."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from apps.ledger import merkle
from apps.ledger.anchoring.anchorer import Anchorer
from apps.ledger.anchoring.guard import Guard
from apps.ledger.anchoring.heads import ROOT_LOG
from apps.ledger.anchoring.judge import Judge
from apps.ledger.anchoring.remembered import AnchorFile
from apps.ledger.anchoring.resuming import resume
from apps.ledger.signing import MayNotSign
from tests.ledger.anchoring.conftest import NOW, Books, Tampering

pytestmark = pytest.mark.django_db


@pytest.fixture
def anchorer(tampered: Tampering, place: Path) -> Anchorer:
    return tampered.anchorer(place)


Ask = Callable[[UUID], None]


@pytest.fixture
def ask(tampered: Tampering, place: Path) -> Ask:
    """The sequencer's question about a log as it stands, from a process that has just started."""

    def asked(tenant: UUID) -> None:
        edge = tampered.edges[tenant]
        judge = Judge(Guard(AnchorFile(place)), lambda: tampered.connection)
        judge(tenant, edge.size, edge.root(), edge.to_bytes())

    return asked


def problems(books: Books) -> list[tuple[str, UUID | None, str]]:
    rows = books.connection.execute(
        "SELECT code, tenant_id, words FROM ledger_anchorproblem WHERE kind = 'refused'"
        " ORDER BY at, xmin::text, ctid"
    ).fetchall()
    return [(code, tenant, words) for code, tenant, words in rows]


def count_roots(books: Books) -> int:
    row = books.one("SELECT coalesce(max(size), 0) FROM ledger_rootcheckpoint")
    assert row is not None
    return int(row[0])


def test_a_log_that_grew_may_be_signed(tampered: Tampering, anchorer: Anchorer, ask: Ask) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    tampered.grow(tenant, 300)
    ask(tenant)
    anchorer.step(tampered.connection, NOW)
    assert anchorer.file.read().heads[str(tenant)].size == 303


def test_an_older_backup_is_not_signed(tampered: Tampering, anchorer: Anchorer, ask: Ask) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    with tampered.put_back():
        tampered.grow(tenant, 4)
        anchorer.step(tampered.connection, NOW)
    with pytest.raises(MayNotSign, match=r"holds 3 entries .* but 7 were\s+anchored"):
        ask(tenant)
    signed = count_roots(tampered)
    anchorer.step(tampered.connection, NOW)
    assert count_roots(tampered) == signed
    assert ROOT_LOG in anchorer.file.read().halted
    assert [code for code, _, _ in problems(tampered)][-1] == "shrunk"


def test_a_backup_that_grew_past_its_anchor_is_a_fork(
    tampered: Tampering, anchorer: Anchorer, ask: Ask
) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    with tampered.put_back():
        tampered.grow(tenant, 4)
        anchorer.step(tampered.connection, NOW)
    tampered.grow(tenant, 9, word="other")
    with pytest.raises(MayNotSign, match="not those that were anchored"):
        ask(tenant)


def test_another_root_at_the_same_size_is_a_fork(
    tampered: Tampering, anchorer: Anchorer, ask: Ask
) -> None:
    with tampered.put_back():
        tenant = tampered.tenant(entries=3)
        anchorer.step(tampered.connection, NOW)
    tampered.edges.clear()
    tampered.grow(tenant, 3, word="other")
    with pytest.raises(MayNotSign, match="not those that were anchored"):
        ask(tenant)


def test_one_forked_log_is_left_out_and_the_others_go_on(
    tampered: Tampering, anchorer: Anchorer, ask: Ask
) -> None:
    """A superuser changes a leaf, and the edge and checkpoint are made anew over it."""
    tenant, other = tampered.tenant(entries=3), tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    tampered.as_superuser(
        "ALTER TABLE ledger_leaf DISABLE TRIGGER ledger_leaf_no_change",
        f"UPDATE ledger_leaf SET leaf = sha256('x') WHERE seq = 1 AND tenant_id = '{tenant}'",
    )
    tampered.edges[tenant] = _edge_from_table(tampered, tenant)
    tampered.grow(tenant, 2)
    tampered.grow(other, 2)
    anchorer.step(tampered.connection, NOW)
    heads = anchorer.file.read().heads
    assert (heads[str(tenant)].size, heads[str(other)].size) == (3, 5)
    assert problems(tampered)[-1][:2] == ("forked", tenant)
    ask(other)
    with pytest.raises(MayNotSign):
        ask(tenant)


def test_a_checkpoint_that_cannot_be_read_is_left_out_and_the_others_go_on(
    tampered: Tampering, anchorer: Anchorer
) -> None:
    tenant, other = tampered.tenant(entries=3), tampered.tenant(entries=3)
    tampered.as_superuser(
        "ALTER TABLE ledger_checkpoint DISABLE TRIGGER ledger_checkpoint_no_change",
        f"UPDATE ledger_checkpoint SET note = 'gone' WHERE tenant_id = '{tenant}'",
    )

    anchorer.step(tampered.connection, NOW)

    assert set(anchorer.file.read().heads) >= {str(other)}
    assert str(tenant) not in anchorer.file.read().heads
    assert problems(tampered)[-1][:2] == ("unknown", tenant)


def _edge_from_table(books: Books, tenant: UUID) -> merkle.Frontier:
    edge = merkle.Frontier()
    rows = books.connection.execute(
        "SELECT leaf FROM ledger_leaf WHERE tenant_id = %s ORDER BY seq", [tenant]
    )
    edge.append_many([bytes(leaf) for (leaf,) in rows])
    return edge


def test_a_changed_log_of_logs_halts_everything(
    tampered: Tampering, anchorer: Anchorer, ask: Ask
) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    tampered.as_superuser(
        "ALTER TABLE ledger_rootcheckpoint DISABLE TRIGGER ledger_rootcheckpoint_no_change",
        "UPDATE ledger_rootcheckpoint SET root = sha256('x') WHERE size ="
        " (SELECT max(size) FROM ledger_rootcheckpoint)",
    )
    tampered.grow(tenant, 1)
    anchorer.step(tampered.connection, NOW)
    with pytest.raises(MayNotSign, match="log of logs"):
        ask(tenant)


def test_a_refusal_is_said_once(tampered: Tampering, anchorer: Anchorer) -> None:
    tenant = tampered.tenant(entries=3)
    with tampered.put_back():
        tampered.grow(tenant, 1)
        anchorer.step(tampered.connection, NOW)
    before = len(problems(tampered))
    for _ in range(4):
        anchorer.step(tampered.connection, NOW)
    assert len(problems(tampered)) == before + 1


def test_signing_goes_on_after_the_right_database_is_back_and_a_person_said_so(
    tampered: Tampering, anchorer: Anchorer, ask: Ask
) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    anchorer.file.halt(ROOT_LOG, "A witness holds another checkpoint.")
    with pytest.raises(MayNotSign, match="A witness holds"):
        ask(tenant)
    assert resume(tampered.connection, anchorer.file) == {
        ROOT_LOG: "A witness holds another checkpoint."
    }
    ask(tenant)
    assert problems(tampered)[-1][0] == "resumed"


def test_resuming_does_not_forgive_a_wrong_database(
    tampered: Tampering, anchorer: Anchorer, ask: Ask
) -> None:
    tenant = tampered.tenant(entries=3)
    with tampered.put_back():
        tampered.grow(tenant, 1)
        anchorer.step(tampered.connection, NOW)
    anchorer.step(tampered.connection, NOW)
    resume(tampered.connection, anchorer.file)
    with pytest.raises(MayNotSign):
        ask(tenant)


def test_a_damaged_memory_refuses(tampered: Tampering, anchorer: Anchorer, ask: Ask) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    anchorer.file.path.write_text("{")
    with pytest.raises(MayNotSign, match="not what the console wrote"):
        ask(tenant)


def test_growth_of_what_was_approved_reads_nothing(tampered: Tampering, anchorer: Anchorer) -> None:
    tenant = tampered.tenant(entries=3)
    anchorer.step(tampered.connection, NOW)
    opened = []
    judge = Judge(
        Guard(anchorer.file),
        lambda: opened.append(1) or tampered.connection,  # type: ignore[func-returns-value]
    )
    edge = tampered.edges[tenant].copy()
    for entry in range(5):
        judge(tenant, edge.size, edge.root(), edge.to_bytes())
        edge.append_many([merkle.leaf_hash(bytes([entry]))])
    assert opened == []
