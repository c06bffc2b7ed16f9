"""Attacks by SQL under the console's own database role."""

import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import services as ledger
from apps.ledger.models import Event
from apps.tenancy import services as tenancy
from apps.tenancy.models import Membership
from tests.cast import INSTALLER, Cast


def _run(sql: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


@pytest.fixture
def in_both(cast: Cast) -> Cast:
    """Alice, who runs Acme, is an auditor at Globex as well."""
    with scoped(tenant_id=cast.globex.pk, user_id=cast.alice.pk, login=cast.alice.email):
        tenancy.enrol(actor=INSTALLER, user=cast.alice, role="auditor", now=database_now())
    return cast


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM tenancy_membership WHERE tenant_id = %s",
        "UPDATE tenancy_membership SET role = 'tenant_admin' WHERE tenant_id = %s",
        "UPDATE tenancy_membership SET tenant_id = '{own}' WHERE tenant_id = %s",
        "UPDATE tenancy_tenant SET name = 'x' WHERE id = %s",
        "DELETE FROM tenancy_tenant WHERE id = %s",
    ],
)
def test_from_one_tenant_nothing_of_another_changes_though_one_belongs_to_both(
    in_both: Cast, attack: str
) -> None:
    with in_both.at_acme():
        assert Membership.objects.filter(tenant=in_both.globex).exists()
        assert _run(attack.format(own=in_both.acme.pk), in_both.globex.pk) == 0


def test_an_event_id_taken_first_does_not_hide_an_act(cast: Cast) -> None:
    taken = uuid.uuid4()
    with cast.at_acme():
        _record(cast, "tenancy.member.added", event_id=taken)
        with pytest.raises(ledger.Clash), transaction.atomic():
            _record(cast, "tenancy.member.removed", event_id=taken)
        with pytest.raises(ledger.Clash), transaction.atomic():
            _record(cast, "tenancy.member.added", event_id=taken, data={"role": "auditor"})


def _record(cast: Cast, action: str, **more: Any) -> Event:
    now = database_now()
    return ledger.record(actor=cast.alice, action=action, target=cast.acme, at=now, **more)


# Tables that all tenants share and the console writes while it serves: sessions, which open nothing
# without their cookie, and the schedule of tasks that take no arguments.
SHARED_AND_WRITTEN = {"django_session"} | {
    f"django_celery_beat_{name}"
    for name in (
        "clockedschedule",
        "crontabschedule",
        "intervalschedule",
        "periodictask",
        "periodictasks",
        "solarschedule",
    )
}
UNSHUT = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
      AND NOT (relrowsecurity AND relforcerowsecurity)
      AND (has_table_privilege(oid, 'INSERT') OR has_table_privilege(oid, 'UPDATE')
           OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE'))
"""


def test_what_all_tenants_share_cannot_be_written(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNSHUT)
        assert {row[0] for row in cursor.fetchall()} == SHARED_AND_WRITTEN


def test_a_permission_cannot_be_renamed_under_every_tenants_grants(cast: Cast) -> None:
    with cast.at_acme(), pytest.raises(DatabaseError, match="permission denied"):
        with transaction.atomic():
            _run("UPDATE auth_permission SET codename = 'approve_emergency' WHERE id = 1")
