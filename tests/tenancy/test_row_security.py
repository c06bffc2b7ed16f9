"""Isolation below Python: what the app's database role can see and change."""

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from apps.accounts.models import Authenticator, User
from apps.common.errors import NoScope
from apps.common.scope import scoped
from apps.ledger.models import Event
from apps.tenancy import selectors
from apps.tenancy.models import Membership, Tenant
from tests.cast import Cast


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[object, ...]] = cursor.fetchall()
        return rows


def test_the_app_role_owns_nothing_and_cannot_bypass(cast: Cast) -> None:
    [(user, bypass, superuser)] = _rows(
        "select current_user, rolbypassrls, rolsuper from pg_roles where rolname = current_user"
    )
    assert (user, bypass, superuser) == ("console_app", False, False)
    assert _rows("select tablename from pg_tables where tableowner = current_user") == []


def test_outside_a_scope_nothing_is_visible(cast: Cast) -> None:
    assert list(Tenant.objects.all()) == []
    assert list(User.objects.all()) == []
    assert list(Membership.objects.all()) == []
    assert _rows("select * from ledger_event") == []
    with pytest.raises(NoScope):
        list(Event.objects.all())


def test_a_tenant_sees_its_people_and_no_others(cast: Cast) -> None:
    with cast.at_acme():
        names = {member.user.name for member in selectors.list_members()}
        assert cast.alice.name in names
        assert cast.mallory.name not in {user.name for user in User.objects.all()}
        assert list(Tenant.objects.values_list("name", flat=True)) == ["Acme"]
    with cast.at_globex():
        assert list(User.objects.values_list("name", flat=True)) == ["Mallory"]


def test_raw_sql_cannot_reach_the_other_tenants_ledger(cast: Cast) -> None:
    with cast.at_globex():
        tenants = {row[0] for row in _rows("select tenant_id from ledger_event")}
    assert tenants == {cast.globex.pk}


def test_a_row_cannot_be_written_for_another_tenant(cast: Cast) -> None:
    with cast.at_globex(), pytest.raises(ProgrammingError, match="row-level security"):
        with transaction.atomic():
            Membership.objects.create(tenant=cast.acme, user=cast.mallory, role="auditor")


def test_second_factors_are_their_owners_alone(cast: Cast) -> None:
    with cast.at_acme("bob"):
        assert set(Authenticator.objects.values_list("user_id", flat=True)) == {cast.bob.pk}


def test_a_nested_scope_does_not_leak_into_the_outer_one(cast: Cast) -> None:
    with cast.at_acme():
        with scoped(tenant_id=cast.globex.pk):
            assert [t.name for t in Tenant.objects.all()] == ["Globex"]
        assert [t.name for t in Tenant.objects.all()] == ["Acme"]
    assert _rows("select current_setting('app.tenant', true)") == [("",)]


def test_a_scope_that_fails_inside_an_outer_one_restores_it(cast: Cast) -> None:
    with cast.at_acme():
        with pytest.raises(ZeroDivisionError), scoped(tenant_id=cast.globex.pk):
            raise ZeroDivisionError
        assert [t.name for t in Tenant.objects.all()] == ["Acme"]


def test_another_accounts_password_cannot_be_changed(cast: Cast) -> None:
    with cast.at_acme("alice"):
        assert User.objects.filter(pk=cast.bob.pk).update(name="Owned") == 0


def test_schedulers_get_ids_of_all_tenants_and_nothing_else(cast: Cast) -> None:
    assert {cast.acme.pk, cast.globex.pk} <= set(selectors.list_tenant_ids())
    assert _rows("select id from tenancy_tenant") == []


def test_what_runs_with_the_owners_rights_runs_nothing_of_the_callers(cast: Cast) -> None:
    """A temporary view named like the table that such a function reads, calling code of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            create function pg_temp.who() returns uuid language plpgsql as $$
            begin raise exception 'ran as %', current_user; end $$;
            create temp view tenancy_tenant as select pg_temp.who() as id;
            grant select on pg_temp.tenancy_tenant to public;
            """
        )
    found = {row[0] for row in _rows("select tenancy_tenant_ids()")}
    assert {cast.acme.pk, cast.globex.pk} <= found


def test_every_function_with_its_owners_rights_looks_into_the_callers_schema_last(db: None) -> None:
    paths = _rows(
        "select proname, proconfig[1] from pg_proc where prosecdef"
        " and pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')"
    )
    assert paths and {path for _, path in paths} == {"search_path=pg_catalog, pg_temp"}, paths
