"""A ready pack whose file is some random bytes: its content is not what these tests are about."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.evidence import services
from apps.evidence.models import Pack
from apps.evidence.segments import SEGMENT
from tests.cast import Cast, fresh_code


@dataclass
class Ready:
    """A pack that can be taken, and its bytes."""

    pack: Pack
    data: bytes

    @property
    def page(self) -> str:
        return f"/packs/{self.pack.pk}/"

    @property
    def api(self) -> str:
        return f"/api/v1/packs/{self.pack.pk}/"

    def link(self, client: Client, user: User) -> str:
        """The address of a link that this person asks for at this browser."""
        answer = client.post(self.page, {"code": fresh_code(user)})
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])


@pytest.fixture
def ready(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    data, now = os.urandom(2 * SEGMENT + 345), database_now()
    with cast.at_acme("otto") as otto:
        pack = services.request_pack(
            actor=otto, title="Audit", first=now.date(), last=now.date(), now=now
        )
        services.begin_building(pack_id=pack.pk, now=database_now())
        return Ready(services.finish(pack_id=pack.pk, pdf=data, events=0, now=now), data)
