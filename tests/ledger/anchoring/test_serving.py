"""The log over the API: what C2SP clients read, and nothing of another tenant."""

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.ledger import merkle, note, proving, signing
from apps.ledger import services as ledger
from apps.ledger.anchoring import records, rootlog
from apps.ledger.anchoring.export import anchor_files
from apps.ledger.anchoring.outside import Held
from apps.ledger.anchoring.reading import last_anchor_at
from apps.ledger.anchoring.witnessing import WitnessAnchor
from apps.ledger.api.log import bundle
from apps.ledger.models import Event
from apps.ledger.models.anchors import AnchorKind
from apps.ledger.note import Checkpoint
from apps.ledger.standing import standing
from apps.ledger.witness.cosignature import Witness
from apps.ledger.witness.serve import WitnessServer
from tests.cast import Cast, make_cast
from tests.ledger.anchoring.conftest import NOW, ORIGIN, Books, OneKey

pytestmark = pytest.mark.django_db
LOG = "/api/v1/ledger/log"


@pytest.fixture
def cast(db: None) -> Cast:
    """Each test's own, because its positions are committed while its events are not."""
    return make_cast()


@pytest.fixture
def events(cast: Cast, books: Books, place: Path, witness_anchor: WitnessAnchor) -> list[Event]:
    """Three events of Acme's, signed and anchored; positions are committed as a sequencer does."""
    with cast.at_acme():
        made = [
            ledger.record(
                actor=cast.alice,
                action="tenancy.member.added",
                target=cast.acme,
                at=database_now(),
                data={"n": number},
            )
            for number in range(3)
        ]
        made = list(Event.objects.filter(id__in=[each.pk for each in made]).order_by("at"))
    books.add(cast.acme.pk, [(each.pk, bytes(each.leaf)) for each in made])
    books.anchorer(place, [witness_anchor]).step(books.connection, NOW)
    books.connection.commit()
    return made


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client("alice")


def read(client: Client, path: str, **headers: str) -> Any:
    return client.get(f"{LOG}{path}", headers=headers)


def signed(client: Client) -> Checkpoint:
    return Checkpoint.parse(note.parse(read(client, "/checkpoint").content.decode()).text)


def proof(text: bytes) -> tuple[int, list[bytes], Checkpoint]:
    head, _, checkpoint = text.decode().partition("\n\n")
    first, index, *path = head.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    told = Checkpoint.parse(note.parse(checkpoint).text)
    return int(index.removeprefix("index ")), [base64.b64decode(each) for each in path], told


def test_tiles_and_entries_lead_to_the_checkpoint(
    client: Client, events: Sequence[Event], books: Books
) -> None:
    answer = read(client, "/checkpoint")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    tile = read(client, "/tile/0/000.p/3")
    assert tile["Content-Type"] == "application/octet-stream"
    leaves = [tile.content[i : i + 32] for i in range(0, 96, 32)]
    assert merkle.root_of(leaves) == signed(client).root
    data, entries = read(client, "/tile/entries/000.p/3").content, []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    assert [merkle.leaf_hash(each) for each in entries] == leaves


def test_a_tile_is_kept_by_who_has_it(client: Client, events: Sequence[Event]) -> None:
    tile = read(client, "/tile/0/000.p/2")
    assert tile["Cache-Control"] == "private, max-age=31536000, immutable"
    again = read(client, "/tile/0/000.p/2", if_none_match=tile["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert read(client, "/tile/0/000.p/1", if_none_match=tile["ETag"]).status_code == 200


def test_a_client_may_ask_for_plain_text(client: Client, events: Sequence[Event]) -> None:
    assert read(client, "/checkpoint", accept="text/plain").status_code == 200


@pytest.mark.parametrize("by", ["event", "index"])
def test_inclusion_is_proved(client: Client, events: Sequence[Event], by: str) -> None:
    event = events[1]
    query = f"event={event.pk}" if by == "event" else "index=1"
    index, path, told = proof(read(client, f"/proof/inclusion?{query}").content)
    merkle.check_inclusion(bytes(event.leaf), index, told.size, path, told.root)
    assert told == signed(client)


def test_consistency_is_proved(client: Client, events: Sequence[Event]) -> None:
    found = read(client, "/proof/consistency?from=2").json()
    assert (found["from"], found["to"]) == (2, 3)
    path = [base64.b64decode(each) for each in found["path"]]
    old = merkle.root_of([bytes(each.leaf) for each in events[:2]])
    merkle.check_consistency(2, 3, old, signed(client).root, path)


def test_the_log_of_logs_holds_the_tenants_checkpoint(
    client: Client, events: Sequence[Event], witness_anchor: WitnessAnchor
) -> None:
    index, path, told = proof(read(client, "/proof/global").content)
    anchors = read(client, "/anchors").json()
    leaf = merkle.leaf_hash(note.parse(anchors["entry"]).text.encode())
    merkle.check_inclusion(leaf, index, told.size, path, told.root)
    newest = anchors["anchors"][0]
    assert (newest["kind"], newest["place"]) == ("witness", witness_anchor.place)
    whole = read(client, "/checkpoint/global").content.decode()
    names = [each.name for each in note.parse(whole).signatures]
    assert names == ["books.example/ledger", witness_anchor.place]


def test_keys_are_told_for_both_logs(client: Client, cast: Cast) -> None:
    found = read(client, "/keys").json()
    for row in found["log"]:
        assert note.Verifier.parse(row["verifier"]).name.endswith(str(cast.acme.pk))
    assert len(found["log"]) == len(found["log_of_logs"])


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/tile/0/0", 400, "tile"),
        ("/tile/64/000", 400, "tile"),
        ("/tile/0/x000/001", 400, "tile"),
        ("/tile/0/000.p/256", 400, "tile"),
        ("/tile/0/000", 404, None),
        ("/tile/1/000.p/1", 404, None),
        ("/tile/entries/000.p/4", 404, None),
        ("/proof/inclusion", 400, "event"),
        ("/proof/inclusion?event=x", 400, "event"),
        ("/proof/inclusion?index=3", 400, "index"),
        ("/proof/inclusion?index=-1", 400, "index"),
        ("/proof/consistency", 400, "from"),
        ("/proof/consistency?from=1&to=9", 400, "to"),
        ("/proof/consistency?from=3&to=2", 400, "from"),
    ],
)
def test_what_is_not_there_is_said_with_the_field(
    client: Client, events: Sequence[Event], path: str, status: int, field: str | None
) -> None:
    answer = read(client, path)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    told = json.loads(answer.content)
    assert [each["field"] for each in told.get("errors", [])] == ([field] if field else [])


def test_another_tenant_sees_nothing_of_it(cast: Cast, events: Sequence[Event]) -> None:
    stranger = cast.client("mallory")
    for path in ("/checkpoint", "/tile/0/000.p/3", "/tile/entries/000.p/3", "/proof/global"):
        assert read(stranger, path).status_code == 404
    assert read(stranger, f"/proof/inclusion?event={events[0].pk}").status_code == 404
    assert read(stranger, "/anchors").json()["entry"] == ""
    everything = read(stranger, "/anchors").content + read(stranger, "/checkpoint/global").content
    assert str(cast.acme.pk).encode() not in everything


def test_an_entry_that_is_too_long_is_given_by_its_leaf() -> None:
    leaf = sha256(b"leaf").digest()
    assert bundle([(b"{}", leaf), (b"x" * 65_536, leaf)]) == b"\x00\x02{}" + b"\x00\x20" + leaf


def test_anchors_are_exported_as_files(cast: Cast, events: Sequence[Event]) -> None:
    with cast.at_acme():
        files = dict(anchor_files())
        assert last_anchor_at() is not None
    assert {"checkpoint", "checkpoint.stamped", "leaf.json", "leaf.tlog-proof"} <= files.keys()
    leaf = json.loads(files["leaf.json"])
    told = Checkpoint.parse(note.parse(files["checkpoint"].decode()).text)
    path = [base64.b64decode(each) for each in leaf["path"]]
    hashed = merkle.leaf_hash(note.parse(leaf["note"]).text.encode())
    merkle.check_inclusion(hashed, leaf["index"], told.size, path, told.root)


def test_nothing_is_exported_before_there_is_an_anchor(cast: Cast) -> None:
    with cast.at_acme():
        assert anchor_files() == []
        assert last_anchor_at() is None


def test_the_page_says_where_the_log_is_not_held(
    cast: Cast, books: Books, events: Sequence[Event], place: Path
) -> None:
    away = WitnessAnchor("http://127.0.0.1:9", Witness("away.example/w9", b"\x01" * 32), list)
    books.anchorer(place, [away]).step(books.connection, NOW)
    books.connection.commit()
    with cast.at_acme():
        (alarm,) = [each for each in standing(now=NOW).alarms if away.place in each.words]
        assert alarm.detail == "the witness could not be reached"
    root = rootlog.latest(books.connection)
    assert root is not None
    held = Held(b"", NOW)
    records.keep_anchor(books.connection, root.size, AnchorKind.WITNESS, away.place, held)
    books.connection.commit()
    with cast.at_acme():
        assert not [each for each in standing(now=NOW).alarms if away.place in each.words]


@pytest.fixture
def told_of_outside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, books: Books, witness: WitnessServer
) -> Settings:
    """A console that has the made-up log of logs' keys and knows its witness."""
    settings.LEDGER_ORIGIN = ORIGIN.removesuffix("/ledger")
    settings.LEDGER_WITNESSES = [f"{witness.url} {witness.judge.witness}"]
    monkeypatch.setattr(signing, "_introduced", [lambda: books.keys])
    return settings


def outside_steps(cast: Cast, event: Event) -> list[tuple[str, str]]:
    with cast.at_acme():
        return [(step.tone, step.words) for step in proving.prove(event)][-2:]


def test_verifying_an_event_checks_what_a_witness_said(
    cast: Cast, events: list[Event], told_of_outside: Settings
) -> None:
    first, second = outside_steps(cast, events[1])
    assert first[0] == "good" and "of the log of logs" in first[1]
    assert second[0] == "good" and "Witness witness.example/w1 cosigned it at" in second[1]


def test_a_witness_nobody_knows_proves_nothing(
    cast: Cast, events: list[Event], told_of_outside: Settings
) -> None:
    told_of_outside.LEDGER_WITNESSES = []
    assert outside_steps(cast, events[1])[1][0] == "unknown"


def test_another_key_of_the_same_name_is_refuted(
    cast: Cast, events: list[Event], told_of_outside: Settings, witness: WitnessServer
) -> None:
    other = Witness(witness.judge.witness.name, bytes(OneKey().key.public))
    told_of_outside.LEDGER_WITNESSES = [f"{witness.url} {other}"]
    assert outside_steps(cast, events[1])[1] == (
        "danger",
        "The cosignature of witness.example/w1 does NOT hold",
    )


def test_an_event_that_others_do_not_hold_is_refuted(
    cast: Cast, events: list[Event], told_of_outside: Settings
) -> None:
    events[1].body = events[0].body
    assert outside_steps(cast, events[1])[0][0] == "danger"
