"""A pack that failed is asked for again over the API, and the root certificate is told."""

from pathlib import Path

import pytest
from django.urls import reverse

from apps.common.clock import database_now
from apps.evidence import keys, services
from apps.evidence.models import Pack
from apps.ledger import selectors as ledger
from tests.cast import Cast


@pytest.fixture
def failed(cast: Cast) -> Pack:
    now = database_now()
    with cast.at_acme("otto") as otto:
        pack = services.request_pack(
            actor=otto, title="Audit", first=now.date(), last=now.date(), now=now
        )
        services.begin_building(pack_id=pack.pk, now=database_now())
        return services.fail(pack_id=pack.pk, trouble="No room left.", code="disk", now=now)


def _retry(cast: Cast, name: str, pack: Pack) -> tuple[int, dict[str, object]]:
    answer = cast.client(name).post(reverse("evidence:api-retry", args=[pack.pk]))
    return answer.status_code, answer.json()


def test_a_failed_pack_is_made_again_once(cast: Cast, failed: Pack) -> None:
    status, shown = _retry(cast, "otto", failed)
    assert (status, shown["state"]) == (202, "queued")
    assert _retry(cast, "otto", failed)[0] == 409
    with cast.at_acme():
        assert ledger.list_events(action="evidence.pack.requested").count() == 2


def test_only_those_who_export_may_ask_again(cast: Cast, failed: Pack) -> None:
    status, problem = _retry(cast, "bob", failed)
    assert (status, problem["rule"]) == (403, "needs:export")
    status, _ = _retry(cast, "mallory", failed)
    assert status == 404
    with cast.at_acme("otto"):
        failed.refresh_from_db()
        assert failed.state == Pack.State.FAILED


def test_the_root_certificate_is_told_with_its_fingerprint(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "authority_directory", lambda: tmp_path)
    url = reverse("evidence:api-root")
    told = cast.client("otto").get(url).json()
    assert told["pem"].startswith("-----BEGIN CERTIFICATE-----")
    assert told["fingerprint"] == keys.sealing_authority(database_now()).root_fingerprint
    assert cast.client("bob").get(url).status_code == 403
