"""A real client over a real server: an interrupted download goes on where it stopped."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.custody import tokens
from apps.evidence import services
from apps.evidence.segments import SEGMENT
from apps.ledger import selectors as ledger
from tests.cast import Cast, fresh_code, make_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def curl() -> str:
    return shutil.which("curl") or pytest.skip("curl is not installed: apt-get install curl")


def _token(cast: Cast) -> str:
    now = database_now()
    with cast.at_acme("otto") as otto:
        _, text = tokens.issue_token(
            actor=ServiceActor("installer"), holder=otto, kind="api", name="night copy",
            scope={"powers": ["export"]}, networks=[], now=now,
            expires_at=now + timedelta(hours=1),
        )  # fmt: skip
    return f"Bearer {text}"


def test_curl_goes_on_where_it_stopped(
    live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, curl: str
) -> None:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    cast, data, now = make_cast(), os.urandom(3 * SEGMENT + 17), database_now()
    with cast.at_acme("otto") as otto:
        pack = services.request_pack(
            actor=otto, title="Audit", first=now.date(), last=now.date(), now=now
        )
        services.begin_building(pack_id=pack.pk, now=now)
        services.finish(pack_id=pack.pk, pdf=data, events=0, now=now)
    bearer = _token(cast)
    asked = Client().post(
        f"/api/v1/packs/{pack.pk}/download/", {"code": fresh_code(cast.otto)}, "application/json",
        headers={"Authorization": bearer},
    )  # fmt: skip
    assert asked.status_code == 201, asked.content
    copy = tmp_path / "copy.pdf"
    copy.write_bytes(data[: SEGMENT + 5])  # as far as it came before the line was cut
    url = live_server.url + asked.json()["url"]
    command = [curl, "-sSf", "-C", "-", "-o", str(copy), "-H", f"Authorization: {bearer}", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert copy.read_bytes() == data
    with cast.at_acme():
        [event] = ledger.list_events(action="evidence.pack.downloaded")
        assert ledger.data_of(event)["first"] == SEGMENT + 5
