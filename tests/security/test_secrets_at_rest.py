"""Secrets planted through every door are found nowhere: rows, Valkey, logs, files."""

import base64
import os
import secrets
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from apps.common.clock import database_now
from apps.common.scope import current_tenant_id
from apps.custody import owning, subjects
from apps.custody.tokens import issue_token
from apps.evidence import files
from apps.evidence.keys import manifest_signer
from apps.ledger import services as ledger
from apps.llm.models import Endpoint
from tests.breakglass.conftest import factor_for, make_emergency, make_org
from tests.cast import Cast
from tests.custody.things import make_endpoints
from tests.security.heaps import all_of_valkey

TEXT_OF_ALL_ROWS = """
    select format('select %L, x::text from %I.%I x', relname, nspname, relname)
    from pg_class join pg_namespace n on n.oid = relnamespace
    where nspname = 'public' and relkind in ('r', 'p') and not relispartition
      and has_table_privilege(pg_class.oid, 'SELECT')
"""


def _canary(door: str) -> str:
    return f"canary-{door}-{secrets.token_hex(12)}"


@pytest.fixture
def planted(cast: Cast) -> dict[str, bytes]:
    """What was planted, by door. Acme's scope is open in the test."""
    words = {
        name: _canary(name)
        for name in ("api_key", "org_secret", "reason", "address", "pack", "private_key")
    }
    emergency = make_emergency(cast)
    own = os.urandom(32)
    with cast.at_acme():
        (endpoint,) = make_endpoints(cast, 1)
        endpoint.api_key = words["api_key"]
        endpoint.save()
        org = make_org(name="planted", host="planted.my.salesforce.com")
        org.client_secret, org.private_key = words["org_secret"], words["private_key"]
        org.save()
        emergency.pending(justification=f"Locked out of the org today: {words['reason']}")
        sealed = subjects.seal_personal(cast.bob.actor_ref, {"address": words["address"]})
        ledger.record(
            actor=cast.alice,
            action="tenancy.member.added",
            target=cast.bob,
            at=database_now(),
            data={"personal": sealed},
        )
        _, token = issue_token(
            actor=cast.alice,
            holder=cast.bob,
            kind="emergency",
            name="planted",
            scope={},
            networks=[],
            now=database_now(),
            expires_at=database_now().replace(year=2100),
        )
        files.keep(org.pk, words["pack"].encode() * 100)
        manifest_signer()
        owning.supply_key(
            actor=cast.alice,
            given=base64.b64encode(own).decode(),
            factor=factor_for(cast.alice, "supply", owning.DECISION),
            now=database_now(),
        )
        assert Endpoint.objects.get(pk=endpoint.pk).api_key == words["api_key"]
    found = {name: word.encode() for name, word in words.items()}
    return {**found, "token": token.encode(), "own_key": own, "pem": b"PRIVATE KEY-----"}


def _forms(secret: bytes) -> list[bytes]:
    """The ways in which a secret might lie about: as it is, in hex, in base64."""
    return [secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"=")[:-2]]


def _assert_absent(heap: bytes, planted: dict[str, bytes], where: str) -> None:
    for door, secret in planted.items():
        assert not any(form in heap for form in _forms(secret)), f"{door} lies open in {where}"


def test_no_row_of_any_table_holds_a_secret(cast: Cast, planted: dict[str, bytes]) -> None:
    with cast.at_acme(), connection.cursor() as cursor:
        cursor.execute(TEXT_OF_ALL_ROWS)
        read = [row[0] for row in cursor.fetchall()]
        seen = 0
        for query in read:
            cursor.execute(query)
            for table, row in cursor.fetchall():
                seen += 1
                _assert_absent(row.encode(), planted, table)
    assert len(read) > 50
    assert seen > 50


def test_neither_valkey_nor_the_log_holds_one(
    cast: Cast, planted: dict[str, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    client = cast.client("alice")
    for path in ("/", "/ledger/", "/keys/", "/endpoints/", "/emergency/"):
        client.get(path)
    _assert_absent(all_of_valkey(settings.CACHE_URL), planted, "Valkey")
    _assert_absent(caplog.text.encode(), planted, "the log")


def test_no_file_of_ours_holds_one(cast: Cast, planted: dict[str, bytes]) -> None:
    with cast.at_acme():
        tenant = str(current_tenant_id())
    mine = [path for path in Path(settings.VAR).rglob("*") if path.is_file()]
    mine = [path for path in mine if tenant in str(path) or path.parent == Path(settings.VAR)]
    assert mine, "the pack's file at least"
    for path in mine:
        _assert_absent(path.read_bytes(), planted, path.name)


def test_the_search_would_find_what_lay_open(planted: dict[str, bytes]) -> None:
    for secret in planted.values():
        for heap in (secret, secret.hex().encode(), base64.b64encode(secret)):
            with pytest.raises(AssertionError):
                _assert_absent(b"x" + heap + b"y", planted, "a test")
