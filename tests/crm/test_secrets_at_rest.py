"""Keys, tokens and codes lie open in no dump, broker, or log: those of orgs by all three ways to
sign in, emergency credentials, a tenant's own key, and what waits for approval."""

import base64
import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection as database

from apps.accounts.services import issue_recovery_codes
from apps.changes.models import Proposal
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import errors, selectors
from apps.crm.models import Connection
from apps.crm.services import connections
from apps.crm.session import open_org
from apps.custody import owning
from apps.custody.tokens import issue_token
from console.dev import urls
from console.dev.binaries import postgres_bin
from tests.breakglass.conftest import factor_for
from tests.cast import Cast, make_cast
from tests.changes.conftest import open_proposal
from tests.crm import orgs
from tests.custody.things import make_endpoints
from tests.fakes.sandbox import RunningSandbox
from tests.security.heaps import all_of_valkey

pytestmark = pytest.mark.django_db(transaction=True)


def _held(cast: Cast, connection: Connection) -> list[str]:
    with scoped(tenant_id=cast.acme.pk):
        token = selectors.token_of(connection)
        return [token.access_token, token.refresh_token]


def _use(cast: Cast, sandbox: RunningSandbox, name: str, **typed: str) -> list[str]:
    """Connect, work, meet a refusal, renew; the secrets that this took."""
    connection = orgs.check(cast, orgs.connect(cast, sandbox, name=name, **typed))
    assert connection.state == "healthy", connection.last_error
    secrets = [value for key, value in typed.items() if key in ("client_secret", "refresh_token")]
    secrets += _held(cast, connection)
    sandbox.admin("POST", "expire")
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        org.count("SELECT COUNT() FROM Case")
        with pytest.raises(errors.QueryRefused):
            org.count("SELECT COUNT() FROM Nothing__c")
    secrets += _held(cast, connection)
    sandbox.fault("token_inactive_user")
    sandbox.admin("POST", "expire")
    with cast.at_acme("alice") as alice:
        connections.request_check(actor=alice, connection_id=connection.pk, now=database_now())
    assert orgs.check(cast, connection).state == "failing"
    return secrets


def _of_other_doors(cast: Cast) -> list[str]:
    """Emergency credentials, a key that the tenant supplied, codes, and what waits for approval."""
    own, given = os.urandom(32), f"canary-{os.urandom(12).hex()}"
    with cast.at_acme():
        now = database_now()
        tokens = [
            issue_token(
                actor=cast.alice, holder=cast.bob, kind=kind, name="planted", scope={},
                networks=[], now=now, expires_at=now.replace(year=2100),
            )[1]
            for kind in ("emergency", "api")
        ]  # fmt: skip
        (endpoint,) = make_endpoints(cast, 1)
        owning.supply_key(
            actor=cast.alice,
            given=base64.b64encode(own).decode(),
            factor=factor_for(cast.alice, "supply", owning.DECISION),
            now=now,
        )
        waiting = Connection.objects.get(name="by-secret")
    with cast.at_acme("bob") as bob:
        codes = issue_recovery_codes(user=bob)
    open_proposal(
        cast,
        Proposal.Kind.CONNECTION,
        waiting.pk,
        flow="client_credentials",
        secrets={"client_secret": given},
    )
    return [*tokens, *codes, endpoint.api_key, given, own.decode("latin-1")]


def _key_lines(pem: str) -> list[str]:
    return [line for line in pem.splitlines() if len(line) == 64][:3]


def _forms(secret: str) -> list[bytes]:
    """As it is, in hex as a dump writes bytes, in base64 at each of the three offsets."""
    raw = secret.encode("latin-1")
    moved = [base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)]
    return [raw, raw.hex().encode(), *moved]


def _dump() -> bytes:
    url = os.environ.get("DATABASE_ADMIN_URL") or pytest.skip("no login may dump this server")
    url = urls.with_database(url, str(database.settings_dict["NAME"]))
    command = [str(postgres_bin() / "pg_dump"), "--data-only", f"--dbname={url}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_secrets_of_every_way_to_sign_in_are_in_no_dump_broker_or_log(
    sandbox: RunningSandbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cast = make_cast()
    secret = sandbox.info["consumer_secret"]
    secrets = _key_lines(Path(sandbox.info["private_key"]).read_text())
    secrets += _use(cast, sandbox, "by-key")
    secrets += _use(cast, sandbox, "by-secret", flow="client_credentials", client_secret=secret)
    secrets += _use(cast, sandbox, "by-token", **orgs.consented(sandbox))
    secrets += _of_other_doors(cast)
    secrets = [each for each in secrets if each]
    assert len(set(secrets)) >= 3 + 2 + 3 + 5 + 2 + 10 + 3
    dump, valkey = _dump(), all_of_valkey(settings.CACHE_URL)
    assert b"by-token" in dump and b"crm.check_connection" in valkey
    heaps = {"the dump": dump, "Valkey or the broker": valkey, "the log": caplog.text.encode()}
    for place, heap in heaps.items():
        for found in secrets:
            assert not any(form in heap for form in _forms(found)), f"a secret lies in {place}"


def test_the_search_would_find_what_lay_open() -> None:
    for shift in range(3):
        heap = base64.b64encode(b"-" * shift + b"a secret of some length" + b"-" * 7)
        assert any(form in heap for form in _forms("a secret of some length"))
    assert b"a secret".hex().encode() in _forms("a secret")
