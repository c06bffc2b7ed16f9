"""Timestamps, locked objects and witnesses hold the global checkpoint, or say why not."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from apps.ledger import note
from apps.ledger.anchoring import config, rootlog
from apps.ledger.anchoring.heads import ROOT_LOG
from apps.ledger.anchoring.locked_object import ObjectAnchor
from apps.ledger.anchoring.outside import AnchorFailed, Contradicted, Outside
from apps.ledger.anchoring.timestamping import TimestampAnchor
from apps.ledger.anchoring.witnessing import WitnessAnchor
from apps.ledger.checks import places_outside_can_be_read
from apps.ledger.timestamps.authority import TimestampAuthority
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.timestamps.serve import TimestampServer
from apps.ledger.timestamps.token import check_token
from apps.ledger.witness.cosignature import read_lines
from apps.ledger.witness.serve import WitnessServer
from tests.ledger.anchoring.conftest import NOW, ORIGIN, Books

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(books: Books, place: Path) -> rootlog.Signed:
    """A global checkpoint over two tenants, not anchored yet."""
    books.tenant()
    books.tenant()
    books.anchorer(place).step(books.connection, NOW)
    found = rootlog.latest(books.connection)
    assert found is not None
    return found


def hold(books: Books, outside: Outside, signed: rootlog.Signed, last: int = 0) -> bytes:
    hashes = rootlog.hashes(books.connection)
    return outside.hold(signed, hashes, last=last, now=datetime.now(UTC)).proof


def grow(books: Books, place: Path) -> rootlog.Signed:
    books.tenant()
    books.anchorer(place).step(books.connection, NOW)
    found = rootlog.latest(books.connection)
    assert found is not None
    return found


# --- timestamps


def test_a_timestamp_is_over_the_whole_note(
    books: Books, signed: rootlog.Signed, tmp_path: Path
) -> None:
    authority = TimestampAuthority.open(tmp_path / "tsa", now=datetime.now(UTC))
    roots = load_roots(authority.root)
    with TimestampServer(0, authority.service(lambda: datetime.now(UTC))) as server:
        Thread(target=server.handle_request).start()
        token = hold(books, TimestampAnchor(server.url, roots), signed)
    check_token(token, sha256(signed.note.encode()).digest(), roots=roots)


# --- buckets


@pytest.fixture(scope="module")
def bucket_server() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(bucket_server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    return boto3.client("s3", endpoint_url=bucket_server, region_name="us-east-1")


def anchor_in(bucket: str, endpoint: str) -> ObjectAnchor:
    return ObjectAnchor(bucket, "ledger/", 30, endpoint=endpoint, region="us-east-1")


def test_a_locked_copy_is_put_and_read_back(
    books: Books, signed: rootlog.Signed, client: Any, bucket_server: str
) -> None:
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    proof = json.loads(hold(books, anchor_in("locked", bucket_server), signed))
    place = {"Bucket": "locked", "Key": proof["key"], "VersionId": proof["version_id"]}
    assert client.get_object(**place)["Body"].read() == signed.note.encode()
    told = client.head_object(**place)
    assert told["ObjectLockMode"] == "COMPLIANCE"
    assert told["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)
    assert proof["sha256"] == sha256(signed.note.encode()).hexdigest()


def test_the_locked_copy_cannot_be_removed(
    books: Books, signed: rootlog.Signed, client: Any, bucket_server: str
) -> None:
    client.create_bucket(Bucket="stays", ObjectLockEnabledForBucket=True)
    proof = json.loads(hold(books, anchor_in("stays", bucket_server), signed))
    place = {"Bucket": "stays", "Key": proof["key"], "VersionId": proof["version_id"]}
    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(**place, BypassGovernanceRetention=True)


def test_a_bucket_without_lock_is_refused(
    books: Books, signed: rootlog.Signed, client: Any, bucket_server: str
) -> None:
    client.create_bucket(Bucket="open")
    with pytest.raises(AnchorFailed, match="no Object Lock") as refused:
        hold(books, anchor_in("open", bucket_server), signed)
    assert (refused.value.code, refused.value.retryable) == ("object-unlocked", False)
    assert "Contents" not in client.list_objects_v2(Bucket="open")


def test_a_bucket_that_is_away_is_asked_again(
    books: Books, signed: rootlog.Signed, client: Any
) -> None:
    with pytest.raises(AnchorFailed) as away:
        hold(books, anchor_in("locked", "http://127.0.0.1:9"), signed)
    assert (away.value.code, away.value.retryable) == ("object-missing", True)


# --- witnesses


def test_a_witness_cosigns_from_checkpoint_to_checkpoint(
    books: Books, signed: rootlog.Signed, place: Path, witness_anchor: WitnessAnchor
) -> None:
    for last in (0, signed.size):
        newest = signed if not last else grow(books, place)
        lines = hold(books, witness_anchor, newest, last).decode()
        text = note.parse(newest.note).text
        assert len(read_lines(text, lines, [witness_anchor.witness])) == 1


def test_a_witness_that_remembers_another_size_is_asked_again_from_there(
    books: Books, signed: rootlog.Signed, place: Path, witness_anchor: WitnessAnchor
) -> None:
    hold(books, witness_anchor, signed)
    assert hold(books, witness_anchor, grow(books, place), last=0)


def test_a_witness_with_a_longer_log_of_ours_shows_that_a_backup_was_put_back(
    books: Books, signed: rootlog.Signed, place: Path, witness_anchor: WitnessAnchor
) -> None:
    hold(books, witness_anchor, grow(books, place))
    with pytest.raises(Contradicted, match="an older state has been put back") as shown:
        hold(books, witness_anchor, signed)
    assert shown.value.code == "shrunk"


def test_a_witness_of_another_story_shows_a_fork(
    books: Books, signed: rootlog.Signed, place: Path, witness_anchor: WitnessAnchor
) -> None:
    books.connection.execute("SAVEPOINT backup")
    first = grow(books, place)
    hold(books, witness_anchor, first)
    books.connection.execute("ROLLBACK TO SAVEPOINT backup")
    place.unlink()  # the memory of this machine is lost as well
    grow(books, place)
    other = grow(books, place)
    with pytest.raises(Contradicted) as shown:
        hold(books, witness_anchor, other)
    assert shown.value.code == "forked"


def test_a_witness_cannot_stop_us_by_its_word_alone(
    books: Books, signed: rootlog.Signed, witness: WitnessServer, witness_anchor: WitnessAnchor
) -> None:
    hold(books, witness_anchor, signed)
    witness.judge.memory._file.execute("UPDATE log SET size = size + 9, note = 'made up'")
    with pytest.raises(AnchorFailed, match="shows no checkpoint") as odd:
        hold(books, witness_anchor, signed)
    assert not isinstance(odd.value, Contradicted)
    assert odd.value.retryable


def test_a_witness_that_was_not_told_of_us_says_so(
    books: Books, signed: rootlog.Signed, witness_anchor: WitnessAnchor, tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("")
    with pytest.raises(AnchorFailed, match="not told of this log"):
        hold(books, witness_anchor, signed)


# --- all of it


def test_each_place_holds_each_checkpoint_once(
    books: Books, place: Path, witness_anchor: WitnessAnchor
) -> None:
    anchorer = books.anchorer(place, [witness_anchor])
    books.tenant()
    for _ in range(3):
        anchorer.step(books.connection, NOW)
    query = "SELECT count(*) FROM ledger_anchor WHERE place = %s"
    assert books.one(query, witness_anchor.place) == (1,)


def test_a_place_that_fails_is_shown_and_asked_less_and_less(books: Books, place: Path) -> None:
    away = ObjectAnchor("none", "", 1, endpoint="http://127.0.0.1:9", region="us-east-1")
    anchorer = books.anchorer(place, [away])
    books.tenant()
    for second in range(12):
        anchorer.step(books.connection, NOW + timedelta(seconds=second))
    rows = books.connection.execute(
        "SELECT code, retryable FROM ledger_anchorproblem WHERE place = %s", [away.place]
    ).fetchall()
    assert rows == [("object-missing", True)] * 2  # at once and after 5 s; then after 15 s


def test_a_contradicting_witness_halts_all_signing(
    books: Books, place: Path, witness_anchor: WitnessAnchor
) -> None:
    anchorer = books.anchorer(place, [witness_anchor])
    books.tenant()
    anchorer.step(books.connection, NOW)
    books.connection.execute("SAVEPOINT backup")
    books.tenant()
    anchorer.step(books.connection, NOW)
    books.connection.execute("ROLLBACK TO SAVEPOINT backup")
    place.unlink()
    again = books.anchorer(place, [witness_anchor])
    books.connection.execute("SAVEPOINT no_anchor")
    books.tenant()
    again.step(books.connection, NOW)
    assert "log of logs" in again.file.read().halted[ROOT_LOG]
    assert ORIGIN


# --- settings


def test_places_are_read_from_the_settings(
    settings: Settings, tmp_path: Path, witness_anchor: WitnessAnchor
) -> None:
    authority = TimestampAuthority.open(tmp_path / "tsa", now=datetime.now(UTC))
    settings.LEDGER_TIMESTAMP_URLS = ["https://tsa.example/stamp"]
    settings.LEDGER_TIMESTAMP_ROOTS = str(authority.root)
    settings.LEDGER_BUCKET = "locked"
    settings.LEDGER_WITNESSES = [f"https://witness.example {witness_anchor.witness}"]
    places = [outside.place for outside in config.outsides()]
    assert places == ["tsa.example", "s3://locked/ledger/", "witness.example/w1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEDGER_WITNESSES", ["https://witness.example"]),
        ("LEDGER_WITNESSES", ["https://witness.example witness.example+00000000+AAAA"]),
        ("LEDGER_TIMESTAMP_URLS", ["https://tsa.example"]),
    ],
)
def test_a_wrong_setting_is_named_before_anything_starts(
    settings: Settings, name: str, value: list[str]
) -> None:
    setattr(settings, name, value)
    (found,) = places_outside_can_be_read(None)
    assert found.id == "ledger.E001"
    assert name.rpartition("_")[0] in str(found.msg)
