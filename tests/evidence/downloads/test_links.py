"""A pack leaves by a link: for one person, in one session, for a quarter of an hour."""

import hashlib
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from apps.common import powers
from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.log_secrets import HideLinks
from apps.custody import sealing, tokens
from apps.evidence import files
from apps.evidence.downloads.models import LIFE, MOST_USES, DownloadGrant
from apps.ledger import selectors as ledger
from apps.tenancy import services as tenancy
from apps.tenancy.roles import POWERS, Role
from tests.architecture.routes import METHODS, all_routes
from tests.cast import Cast, fresh_code, make_person
from tests.evidence.downloads.conftest import Ready


def _body(answer: Any) -> bytes:
    return b"".join(answer)


def _taken(cast: Cast) -> list[dict[str, Any]]:
    with cast.at_acme():
        events = ledger.list_events(action="evidence.pack.downloaded")
        return [ledger.data_of(event) for event in events]


def test_the_link_hands_the_file_over_and_says_so_in_the_ledger(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    answer = client.get(ready.link(client, cast.otto))
    assert answer.status_code == 200
    assert _body(answer) == ready.data
    assert answer["ETag"] == f'"{hashlib.sha256(ready.data).hexdigest()}"'
    assert answer["Content-Length"] == str(len(ready.data))
    assert answer["Cache-Control"] == "no-store"
    [told] = _taken(cast)
    assert (told["first"], told["last"]) == (0, len(ready.data) - 1)


def test_a_part_can_be_asked_for(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    link = ready.link(client, cast.otto)
    etag = client.head(link)["ETag"]
    answer = client.get(link, headers={"Range": "bytes=1048570-1048580", "If-Range": etag})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes 1048570-1048580/{len(ready.data)}"
    assert _body(answer) == ready.data[1048570:1048581]
    answer = client.get(link, headers={"Range": "bytes=5-9", "If-Range": '"another"'})
    assert (answer.status_code, len(_body(answer))) == (200, len(ready.data))


def test_a_part_behind_the_end_is_refused_and_uses_nothing_up(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    answer = client.get(ready.link(client, cast.otto), headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(ready.data)}"
    assert _taken(cast) == []


def test_headers_alone_use_nothing_up(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    answer = client.head(ready.link(client, cast.otto))
    assert (answer.status_code, answer["Accept-Ranges"]) == (200, "bytes")
    assert answer["Content-Length"] == str(len(ready.data))
    assert _taken(cast) == []


def test_somebody_else_with_the_link_is_refused_and_that_is_recorded(
    cast: Cast, ready: Ready
) -> None:
    link = ready.link(cast.client("otto"), cast.otto)
    olga = make_person("olga", "x", cast.acme, ["auditor"], database_now())
    cast.people["olga"] = olga
    answer = cast.client("olga").get(link)
    assert answer.status_code == 403
    assert b"download-link-is-bound" in answer.content
    with cast.at_acme():
        refused = ledger.list_events(action="ledger.request.refused", actor=olga.actor_ref)
        assert [event.target_id for event in refused] == ["download-link-is-bound"]
    assert _taken(cast) == []


def test_the_same_person_in_another_session_is_refused(cast: Cast, ready: Ready) -> None:
    link = ready.link(cast.client("otto"), cast.otto)
    assert cast.client("otto").get(link).status_code == 403


def test_another_tenants_person_finds_no_such_link(cast: Cast, ready: Ready) -> None:
    link = ready.link(cast.client("otto"), cast.otto)
    assert cast.client("mallory").get(link).status_code == 404


def test_who_lost_the_power_takes_nothing(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    link = ready.link(client, cast.otto)
    with cast.at_acme("alice") as alice:
        tenancy.remove_member(
            actor=alice,
            user=cast.otto,
            role="auditor",
            code=fresh_code(alice),
            now=database_now(),
        )
        tenancy.enrol(actor=alice, user=cast.otto, role="operator", now=database_now())
    assert client.get(link).status_code == 403


def test_an_expired_link_hands_nothing_over(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    link = ready.link(client, cast.otto)
    with cast.at_acme():
        row = DownloadGrant.objects.get()
        row.granted_at -= LIFE
        row.expires_at -= LIFE
        row.save()
    answer = client.get(link)
    assert answer.status_code == 410
    assert b"expired" in answer.content
    assert _taken(cast) == []


def test_a_withdrawn_link_hands_nothing_over(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    link = ready.link(client, cast.otto)
    with cast.at_acme():
        grant = DownloadGrant.objects.get()
    assert client.post(f"{ready.page}links/{grant.pk}/revoke/").status_code == 302
    assert client.get(link).status_code == 410
    with cast.at_acme():
        assert ledger.list_events(action="evidence.download.revoked").count() == 1
    assert b"Withdrawn" in client.get(ready.page).content


def test_a_link_has_few_uses(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    link = ready.link(client, cast.otto)
    with cast.at_acme():
        DownloadGrant.objects.update(uses=MOST_USES - 1)
    part = {"Range": "bytes=0-0"}
    assert client.get(link, headers=part).status_code == 206
    assert client.get(link, headers=part).status_code == 410


def test_the_secret_of_a_link_reaches_no_log() -> None:
    record = logging.makeLogRecord({"msg": "%s: %s", "args": ("Gone", "/packs/links/s3cret_-x/")})
    assert HideLinks().filter(record)
    assert record.getMessage() == "Gone: /packs/links/…/"


def test_the_secret_of_a_link_is_not_kept(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    secret = ready.link(client, cast.otto).strip("/").rsplit("/", 1)[-1]
    with cast.at_acme():
        grant = DownloadGrant.objects.get()
        assert bytes(grant.digest) == hashlib.sha256(secret.encode()).digest()
        events = "".join(str(bytes(event.body)) for event in ledger.list_events())
    assert secret not in events
    assert secret.encode() not in client.get(ready.page).content


def test_the_database_refuses_a_long_lived_link(cast: Cast, ready: Ready) -> None:
    client = cast.client("otto")
    ready.link(client, cast.otto)
    with cast.at_acme():
        row = DownloadGrant.objects.get()
        row.expires_at = row.granted_at + LIFE + timedelta(seconds=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


def test_a_file_that_was_changed_is_not_handed_over(
    cast: Cast, ready: Ready, tmp_path: Path
) -> None:
    client = cast.client("otto")
    link = ready.link(client, cast.otto)
    [file] = tmp_path.rglob("*.sealed")
    file.write_bytes(file.read_bytes()[:-1000])
    answer = client.get(link)
    assert answer.status_code == 500
    assert b"Make a new pack" in answer.content
    assert _taken(cast) == []


def test_a_file_that_was_sealed_whole_stays_readable(
    cast: Cast, ready: Ready, tmp_path: Path
) -> None:
    [file] = tmp_path.rglob("*.sealed")
    with cast.at_acme():
        place = str(ready.pack.pk)
        file.write_bytes(sealing.seal_value(ready.data, purpose=files.PURPOSE, place=place))
        assert files.fetch(ready.pack.pk) == ready.data
    client = cast.client("otto")
    answer = client.get(ready.link(client, cast.otto), headers={"Range": "bytes=10-19"})
    assert (answer.status_code, _body(answer)) == (206, ready.data[10:20])


def _token(cast: Cast, name: str) -> dict[str, str]:
    now = database_now()
    with cast.at_acme(name) as holder:
        _, text = tokens.issue_token(
            actor=ServiceActor("installer"), holder=holder, kind="api", name="ci",
            scope={"powers": ["export"]}, networks=[], now=now,
            expires_at=now + timedelta(days=1),
        )  # fmt: skip
    return {"Authorization": f"Bearer {text}"}


def test_a_link_asked_for_with_a_token_works_with_that_token_alone(
    cast: Cast, ready: Ready, client: Any
) -> None:
    mine, other = _token(cast, "otto"), _token(cast, "otto")
    body = {"code": fresh_code(cast.otto)}
    asked = client.post(f"{ready.api}download/", body, "application/json", headers=mine)
    assert asked.status_code == 201, asked.content
    link = asked.json()["url"]
    answer = client.get(link, headers={**mine, "Accept": "application/pdf"})
    assert _body(answer) == ready.data
    refused = client.get(link, headers=other)
    assert (refused.status_code, refused.json()["rule"]) == (403, "download-link-is-bound")
    [shown] = client.get(f"{ready.api}links/", headers=mine).json()
    assert (shown["link"]["holder"], shown["link"]["uses"]) == ("Otto", 1)
    url = f"{ready.api}links/{shown['link']['id']}/revoke/"
    assert client.post(url, headers=mine).status_code == 200
    gone = client.get(link, headers=mine)
    assert (gone.status_code, gone.json()["code"]) == (410, "link_over")


@pytest.mark.parametrize("name", ["alice", "bob", "lena", "ivan", "rita"])
def test_who_may_not_export_gets_no_link(cast: Cast, ready: Ready, name: str) -> None:
    client = cast.client(name)
    body = {"code": fresh_code(cast.people[name])}
    answer = client.post(f"{ready.api}download/", body, "application/json")
    assert (answer.status_code, answer.json()["rule"]) == (403, "needs:export")
    with cast.at_acme():
        assert not DownloadGrant.objects.exists()


def _may_change(role: Role) -> set[str]:
    """The powers under which this role reaches anything but reads, on all routes there are."""
    asked = {route.policy(method) for route in all_routes() for method in METHODS[1:]}
    return {power for power in POWERS[role] if power in asked}


def test_an_exporter_changes_nothing_of_what_is_exported() -> None:
    """IDN-2: whatever an auditor can post asks for packs, runs checks or verifies."""
    reads = {name for name in vars(powers) if name.startswith("READ_")}
    allowed = {powers.EXPORT, *(getattr(powers, name) for name in reads)}
    assert _may_change(Role.AUDITOR) <= allowed


def test_an_operator_exports_nothing() -> None:
    assert powers.EXPORT not in POWERS[Role.OPERATOR] | POWERS[Role.TENANT_ADMIN]
