"""What the ledger cannot take does not happen, and whoever wanted it is told."""

from collections.abc import Iterator

import psycopg
import pytest
from django.test import RequestFactory

from apps.common.api import problems
from apps.common.clock import database_now
from apps.common.pages import refusal_page
from apps.common.scope import scoped
from apps.ledger import services as ledger
from apps.tenancy import services as tenancy
from apps.tenancy.models import Membership
from tests.cast import INSTALLER, Cast, make_cast

FULL = """
    create function test_full() returns trigger language plpgsql as $$
    begin raise exception 'no space left on device' using errcode = '53100'; end $$;
    create trigger test_full before insert on ledger_event
        for each row execute function test_full();
"""
ROOM_AGAIN = "drop trigger test_full on ledger_event; drop function test_full();"
WAYS_IN = "ledger_append(bytea, boolean), ledger_add(bytea), ledger_add(bytea[])"
CLOSED = f"revoke execute on function {WAYS_IN} from console_app"
OPEN = f"grant execute on function {WAYS_IN} to console_app"


@pytest.fixture(params=[(FULL, ROOM_AGAIN), (CLOSED, OPEN)], ids=["disk full", "right revoked"])
def acts(
    transactional_db: None, admin_connection: psycopg.Connection, request: pytest.FixtureRequest
) -> Iterator[Cast]:
    """A cast whose ledger takes nothing any more, until the test ends."""
    cast = make_cast()
    broken, mended = request.param
    admin_connection.execute(broken)
    admin_connection.commit()
    yield cast
    admin_connection.execute(mended)
    admin_connection.commit()


def test_nothing_of_the_act_remains_and_the_person_is_told(acts: Cast) -> None:
    with pytest.raises(ledger.NotRecorded) as refused, scoped(tenant_id=acts.acme.pk):
        tenancy.enrol(actor=INSTALLER, user=acts.mallory, role="auditor", now=database_now())
    with scoped(tenant_id=acts.acme.pk):
        assert not Membership.objects.filter(user=acts.mallory).exists()
    page = refusal_page(RequestFactory().get("/"), refused.value)
    assert (page.status_code, b"nothing was done" in page.content) == (503, True)
    assert problems.document(refused.value)["code"] == "not_recorded"
