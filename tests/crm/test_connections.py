"""Connecting an org: what is kept, what is refused, and who gets which rights."""

import pytest
from django.db import connection as database

from apps.common import powers
from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied, Invalid, NotFound
from apps.common.scope import scoped
from apps.crm import selectors, services
from apps.crm.models import Connection
from apps.crm.services.connections import Typed
from apps.ledger import selectors as ledger
from apps.residency.models import Zone
from apps.tenancy.policies import may_on
from tests.cast import Cast, fresh_code
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


def test_an_org_connected_by_jwt_becomes_healthy(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    assert connection.state == "healthy"
    assert connection.org_id == sandbox.info["org_id"]
    assert connection.org_name and connection.instance_name
    with cast.at_acme():
        actions = [event.action for event in ledger.list_path_of(connection)]
    assert actions == [
        "crm.connection.created",
        "crm.token.refreshed",
        "crm.connection.checked",
    ]


def test_an_org_connected_by_client_credentials_becomes_healthy(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(
        cast,
        sandbox,
        flow="client_credentials",
        client_secret=sandbox.info["consumer_secret"],
        private_key="",
    )
    assert orgs.check(cast, connection).state == "healthy"


def test_a_rotated_refresh_token_is_kept_and_works_again(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    given = sandbox.admin(
        "POST",
        "authorize",
        json={"app": "Bailiwick Console", "username": sandbox.info["username"]},
    )["refresh_token"]
    connection = orgs.connect(
        cast,
        sandbox,
        flow="refresh_token",
        client_secret=sandbox.info["consumer_secret"],
        refresh_token=given,
    )
    assert orgs.check(cast, connection).state == "healthy"
    with cast.at_acme():
        first = selectors.token_of(connection)
        assert first.refresh_token not in ("", given)
    sandbox.admin("POST", "expire")
    assert orgs.check(cast, connection).state == "healthy"
    with cast.at_acme():
        second = selectors.token_of(connection)
        assert second.generation == first.generation + 1
        assert second.refresh_token not in ("", first.refresh_token)


def test_secrets_are_not_readable_in_the_database(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    with cast.at_acme(), database.cursor() as cursor:
        access = selectors.token_of(connection).access_token
        cursor.execute("select private_key from crm_connection where id = %s", [connection.pk])
        assert b"PRIVATE KEY" not in bytes(cursor.fetchone()[0])
        cursor.execute("select access_token from crm_orgtoken")
        assert all(access.encode() not in bytes(row[0]) for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "   "),
        ("name", "a\x00b"),
        ("name", "n" * 81),
        ("host", ""),
        ("host", "https://acme.my.salesforce.com"),
        ("host", "acme.my.salesforce.com/services"),
        ("host", "admin:secret@acme.my.salesforce.com"),
        ("host", "acme.my.salesforce.com@evil.example"),
        ("host", "acme.my.salesforce.com.evil.example"),
        ("host", "127.0.0.1"),
        ("host", "[::1]"),
        ("host", "2130706433"),
        ("host", "localhost"),
        ("host", "login.salesforce.com"),
        ("host", "acme.lightning.force.com"),
        ("host", "acme.my.salesforce.com:8443"),
        ("host", "acme.my.salesforce.com\x00"),
        ("host", "acme.my.salesforce.com\n.evil.example"),
        ("host", "аcme.my.salesforce.com"),
        ("host", "x" * 300 + ".my.salesforce.com"),
        ("zone_id", ""),
        ("zone_id", "no-uuid"),
        ("zone_id", "00000000-0000-0000-0000-000000000000"),
        ("flow", "password"),
        ("client_id", ""),
        ("client_id", "k" * 256),
        ("username", ""),
        ("username", "\x00"),
        ("private_key", ""),
        ("private_key", "not a key"),
        ("private_key", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(
    cast: Cast, sandbox: RunningSandbox, field: str, value: str
) -> None:
    with cast.at_acme("alice") as alice:
        typed = orgs.typed_for(sandbox, orgs.make_zone(), **{field: value})
        with pytest.raises(Invalid) as refused:
            services.connect_org(
                actor=alice, typed=typed, code=fresh_code(alice), now=database_now()
            )
        assert refused.value.field == field
        assert not Connection.objects.exists()


def test_a_short_key_is_refused(cast: Cast, sandbox: RunningSandbox) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    keys: list[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey] = [
        rsa.generate_private_key(public_exponent=65537, key_size=1024),
        ec.generate_private_key(ec.SECP256R1()),
    ]
    for key in keys:
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        with cast.at_acme("alice") as alice:
            typed = orgs.typed_for(sandbox, orgs.make_zone(), private_key=pem)
            with pytest.raises(Invalid) as refused:
                services.connect_org(
                    actor=alice, typed=typed, code=fresh_code(alice), now=database_now()
                )
            assert refused.value.field == "private_key"
            Zone.objects.all().delete()


@pytest.mark.parametrize(
    "host",
    [
        "acme.my.salesforce.com",
        "ACME--uat.sandbox.my.salesforce.com",
        "x.develop.my.salesforce.com",
    ],
)
def test_my_domain_hosts_are_taken(cast: Cast, sandbox: RunningSandbox, host: str) -> None:
    assert orgs.connect(cast, sandbox, host=host).host == host.lower()


def test_only_tenant_admins_connect(cast: Cast, sandbox: RunningSandbox) -> None:
    with cast.at_acme("bob") as bob:
        typed = orgs.typed_for(sandbox, orgs.make_zone())
        with pytest.raises(Denied):
            services.connect_org(actor=bob, typed=typed, code=fresh_code(bob), now=database_now())
        assert not Connection.objects.exists()


def test_another_tenant_never_sees_an_org(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    with cast.at_globex() as mallory:
        assert not selectors.list_connections().exists()
        for act in (
            lambda: selectors.get_connection_for(actor=mallory, connection_id=connection.pk),
            lambda: services.take_snapshot(
                actor=mallory, connection_id=connection.pk, now=database_now()
            ),
            lambda: services.disconnect_org(
                actor=mallory, connection_id=connection.pk, now=database_now()
            ),
        ):
            with pytest.raises(NotFound):
                act()


def test_another_tenants_zone_is_no_zone(cast: Cast, sandbox: RunningSandbox) -> None:
    with cast.at_globex():
        foreign = orgs.make_zone("Theirs")
    with cast.at_acme("alice") as alice, pytest.raises(Invalid) as refused:
        services.connect_org(
            actor=alice,
            typed=orgs.typed_for(sandbox, foreign),
            code=fresh_code(alice),
            now=database_now(),
        )
    assert refused.value.field == "zone_id"


def test_members_get_the_rights_of_their_roles(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    expected = {
        "bob": "operate_connection",
        "lena": "approve_emergency",
        "ivan": "approve_emergency",
        "rita": "review_connection",
        "otto": "export_connection",
        "alice": "operate_connection",
    }
    with cast.at_acme():
        for name, right in expected.items():
            held = may_on(
                cast.people[name],
                powers.READ_OVERVIEW,
                target=connection,
                grant=f"crm.{right}",
            )
            assert held.allowed, name
        assert not may_on(
            cast.bob, powers.READ_OVERVIEW, target=connection, grant="crm.approve_emergency"
        ).allowed


def test_rights_are_taken_and_given_back(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    now = database_now()
    with cast.at_acme("alice") as alice:
        services.take_rights(actor=alice, connection_id=connection.pk, user_id=cast.bob.pk, now=now)
        with pytest.raises(Invalid):
            services.take_rights(
                actor=alice, connection_id=connection.pk, user_id=cast.bob.pk, now=now
            )
    with cast.at_acme("bob") as bob, pytest.raises(Denied):
        services.take_snapshot(actor=bob, connection_id=connection.pk, now=now)
    with cast.at_acme("alice") as alice:
        services.give_rights(actor=alice, connection_id=connection.pk, user_id=cast.bob.pk, now=now)
        with pytest.raises(NotFound):
            services.give_rights(
                actor=alice, connection_id=connection.pk, user_id=cast.mallory.pk, now=now
            )
    with cast.at_acme("bob") as bob:
        assert services.take_snapshot(actor=bob, connection_id=connection.pk, now=now)


def test_a_disconnected_org_has_no_secrets_and_stays_disconnected(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    now = database_now()
    with cast.at_acme("alice") as alice:
        services.disconnect_org(actor=alice, connection_id=connection.pk, now=now)
        with pytest.raises(Conflict):
            services.disconnect_org(actor=alice, connection_id=connection.pk, now=now)
        with pytest.raises(Conflict):
            services.take_snapshot(actor=alice, connection_id=connection.pk, now=now)
    with pytest.raises(Conflict):
        services.check_connection(tenant_id=cast.acme.pk, connection_id=connection.pk)
    with cast.at_acme():
        ended = Connection.objects.get(pk=connection.pk)
        assert (ended.state, ended.private_key, ended.client_secret) == ("disconnected", "", "")
        assert selectors.token_of(ended).access_token == ""


def test_a_failed_connect_leaves_neither_row_nor_entry(cast: Cast, sandbox: RunningSandbox) -> None:
    with pytest.raises(RuntimeError), scoped(tenant_id=cast.acme.pk, user_id=cast.alice.pk):
        typed: Typed = orgs.typed_for(sandbox, orgs.make_zone())
        services.connect_org(
            actor=cast.alice, typed=typed, code=fresh_code(cast.alice), now=database_now()
        )
        raise RuntimeError("the request dies")
    with cast.at_acme():
        assert not Connection.objects.exists()
        assert not ledger.list_events(action="crm.connection.created").exists()
