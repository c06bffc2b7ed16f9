"""Asking for a pack, making it, taking it: for those who may export, and for nobody else."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from apps.common.clock import database_now
from apps.evidence import keys, services, tasks
from apps.evidence.models import Pack
from apps.evidence.verify.__main__ import main as verify
from apps.ledger.models import Event
from tests.cast import Cast, fresh_code

pytestmark = pytest.mark.usefixtures("own_data")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One sealing authority for all of these: its RSA keys take seconds to make."""
    return tmp_path_factory.mktemp("pki")


@pytest.fixture
def own_data(tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(settings, "EVIDENCE_WAIT_S", 0.0)  # nobody positions what is not committed
    monkeypatch.setattr(keys, "authority_directory", lambda: authority)


def _make(cast: Cast) -> Pack:
    with cast.at_acme("otto"):
        today = database_now().date()
        pack = services.request_pack(
            actor=cast.otto,
            title="Audit",
            first=today - timedelta(days=1),
            last=today,
            now=database_now(),
        )
    tasks.build(tenant_id=str(cast.acme.pk), pack_id=str(pack.pk))
    with cast.at_acme("otto"):
        pack.refresh_from_db()
    return pack


def test_a_pack_is_made_downloaded_and_verified(cast: Cast, tmp_path: Path) -> None:
    pack = _make(cast)
    assert pack.state == Pack.State.READY, pack.trouble
    answer = cast.client("otto").post(
        f"/packs/{pack.pk}/", {"code": fresh_code(cast.otto)}, follow=True
    )
    assert answer["Content-Type"] == "application/pdf"
    pdf = b"".join(answer)
    assert hashlib.sha256(pdf).hexdigest() == pack.sha256
    file = tmp_path / "pack.pdf"
    file.write_bytes(pdf)
    assert verify([str(file)]) == 0
    with cast.at_acme("otto"):
        assert Event.objects.filter(action="evidence.pack.downloaded").count() == 1


def test_the_pack_holds_every_event_of_its_period(cast: Cast) -> None:
    with cast.at_acme("otto"):
        before = Event.objects.count()
    pack = _make(cast)
    assert pack.event_count == before + 1  # and the request for the pack itself


def test_the_file_rests_sealed(cast: Cast, tmp_path: Path) -> None:
    _make(cast)
    [file] = tmp_path.rglob("*.sealed")
    assert b"%PDF" not in file.read_bytes()


def test_a_wrong_code_downloads_nothing(cast: Cast) -> None:
    pack = _make(cast)
    answer = cast.client("otto").post(f"/packs/{pack.pk}/", {"code": "000000"})
    assert answer.status_code == 422
    assert b"%PDF" not in answer.content


def test_exporting_is_a_power_of_its_own(cast: Cast) -> None:
    pack = _make(cast)
    for name in ("alice", "bob", "lena", "ivan", "rita"):
        client = cast.client(name)
        assert client.get("/packs/").status_code == 403, name
        body = {"code": fresh_code(cast.people[name])}
        assert client.post(f"/packs/{pack.pk}/", body).status_code == 403, name


def test_another_tenants_pack_does_not_exist(cast: Cast) -> None:
    pack = _make(cast)
    for path in ("/packs/{}/", "/packs/{}/progress/", "/api/v1/packs/{}/"):
        assert cast.client("mallory").get(path.format(pack.pk)).status_code == 404, path


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "a\x00"}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"first": "soon"}, "first"),
        ({"first": "2999-01-01", "last": "2999-01-02"}, "first"),
        ({"first": "2020-01-01"}, "last"),
        ({"last": "2020-01-01"}, "last"),
    ],
)
def test_bad_input_names_the_field(cast: Cast, changed: dict[str, str], field: str) -> None:
    today = database_now().date()
    form = {"title": "Audit", "first": str(today), "last": str(today), **changed}
    answer = cast.client("otto").post("/packs/", form)
    assert answer.status_code == 422
    assert answer.context["error"].field == field
    with cast.at_acme():
        assert not Pack.objects.exists()


def test_a_finished_pack_is_not_made_twice(cast: Cast) -> None:
    pack = _make(cast)
    tasks.build(tenant_id=str(cast.acme.pk), pack_id=str(pack.pk))
    with cast.at_acme():
        assert Event.objects.filter(action="evidence.pack.sealed").count() == 1


def test_a_pack_whose_builder_died_is_made_by_the_next_delivery(cast: Cast) -> None:
    with cast.at_acme("otto"):
        today = database_now().date()
        pack = services.request_pack(
            actor=cast.otto, title="Audit", first=today, last=today, now=database_now()
        )
        services.begin_building(pack_id=pack.pk, now=database_now())
    tasks.build(tenant_id=str(cast.acme.pk), pack_id=str(pack.pk))
    with cast.at_acme("otto"):
        assert Pack.objects.get(pk=pack.pk).state == Pack.State.READY
