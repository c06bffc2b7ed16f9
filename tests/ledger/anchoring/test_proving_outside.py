"""Verifying one event on its page, as far as a timestamp and a witness speak for it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.ledger import proving, signing
from apps.ledger import services as ledger
from apps.ledger.anchoring.timestamping import TimestampAnchor
from apps.ledger.anchoring.witnessing import WitnessAnchor
from apps.ledger.models import Event
from apps.ledger.timestamps.authority import TimestampAuthority
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.timestamps.serve import TimestampServer
from apps.ledger.witness.serve import WitnessServer
from tests.cast import Cast
from tests.ledger.anchoring.conftest import NOW, ORIGIN, Books

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimestampAuthority:
    return TimestampAuthority.open(tmp_path_factory.mktemp("tsa"), now=datetime.now(UTC))


@pytest.fixture
def service(authority: TimestampAuthority) -> Iterator[TimestampServer]:
    with TimestampServer(0, authority.service(lambda: datetime.now(UTC))) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=5)


@pytest.fixture
def stamps(authority: TimestampAuthority, service: TimestampServer) -> TimestampAnchor:
    return TimestampAnchor(service.url, load_roots(authority.root))


@pytest.fixture
def event(
    cast: Cast, books: Books, place: Path, stamps: TimestampAnchor, witness_anchor: WitnessAnchor
) -> Event:
    """One of Acme's, signed, stamped and cosigned; committed as a sequencer does."""
    with cast.at_acme():
        made = ledger.record(
            actor=cast.alice, action="tenancy.member.added", target=cast.acme, at=database_now()
        )
        made = Event.objects.get(id=made.pk)
    books.add(cast.acme.pk, [(made.pk, bytes(made.leaf))])
    books.anchorer(place, [stamps, witness_anchor]).step(books.connection, NOW)
    books.connection.commit()
    return made


@pytest.fixture
def told(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    books: Books,
    authority: TimestampAuthority,
    witness: WitnessServer,
) -> Settings:
    """The installation knows its own keys, the service's root and the witness."""
    settings.LEDGER_ORIGIN = ORIGIN.removesuffix("/ledger")
    settings.LEDGER_TIMESTAMP_ROOTS = str(authority.root)
    settings.LEDGER_WITNESSES = [f"{witness.url} {witness.judge.witness}"]
    monkeypatch.setattr(signing, "_introduced", [lambda: books.keys])
    return settings


def steps(cast: Cast, event: Event) -> dict[str, str]:
    """The last three: the log of logs, the timestamp, the witness; tone by words."""
    with cast.at_acme():
        return {step.words: step.tone for step in proving.prove(event)[-3:]}


def tone_of(word: str, found: dict[str, str]) -> str:
    [tone] = [tone for words, tone in found.items() if word in words]
    return tone


def test_the_stamp_and_the_cosignature_are_both_checked(
    cast: Cast, event: Event, told: Settings, stamps: TimestampAnchor, tmp_path: Path
) -> None:
    """One story: what is committed to the log of logs stays for the rest of the run."""
    found = steps(cast, event)
    assert set(found.values()) == {"good"}
    assert tone_of("of the log of logs", found) == "good"
    assert tone_of(f"{stamps.place} stamped it at 2", found) == "good"
    assert tone_of("Witness witness.example/w1 cosigned it at 2", found) == "good"

    page = cast.client("otto").get(f"/ledger/{event.pk}/?verify=1").content.decode()
    for words in ("Recorded", "Sequenced", "Signed", "Anchored", "Nothing speaks against it"):
        assert words in page

    told.LEDGER_TIMESTAMP_ROOTS = str(tmp_path / "none.pem")
    found = steps(cast, event)
    assert tone_of("could not be checked", found) == "unknown"
    assert tone_of("Witness", found) == "good"

    other = TimestampAuthority.open(tmp_path / "other", now=datetime.now(UTC))
    told.LEDGER_TIMESTAMP_ROOTS = str(other.root)
    assert tone_of("does NOT hold", steps(cast, event)) == "danger"
    page = cast.client("otto").get(f"/ledger/{event.pk}/?verify=1").content.decode()
    assert "Refuted" in page and "Nothing speaks against it" not in page
