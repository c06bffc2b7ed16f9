"""Someone with the database in their hands: what was signed still decides.

The owner switches the triggers off and changes a committed row; nothing more can be signed or read.
"""

import psycopg
import pytest
from psycopg import sql

from apps.breakglass.errors import ContentChanged
from apps.breakglass.models import Approval, Request
from apps.breakglass.services.elevation import admit
from apps.breakglass.states import State
from apps.common.clock import database_now
from tests.breakglass.conftest import Emergency, make_emergency
from tests.breakglass.test_elevation import call_of
from tests.cast import make_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed() -> Emergency:
    return make_emergency(make_cast())


def _tamper(owner: psycopg.Connection, request: Request, change: str) -> None:
    """Change a row past the trigger, as only the owner can."""
    trigger = "ALTER TABLE breakglass_request {} TRIGGER breakglass_request_guarded"
    tenant = str(request.tenant.pk)
    with owner.transaction():
        owner.execute("select set_config('app.tenant', %s, true)", [tenant])
        owner.execute(sql.SQL(trigger).format(sql.SQL("DISABLE")))
        statement = sql.SQL("update breakglass_request set {} where id = %s")
        changed = owner.execute(statement.format(sql.SQL(change)), [request.pk])
        owner.execute(sql.SQL(trigger).format(sql.SQL("ENABLE ALWAYS")))
    assert changed.rowcount == 1


def test_a_changed_duration_cannot_be_signed(
    committed: Emergency, owner_connection: psycopg.Connection
) -> None:
    with committed.cast.at_acme("bob"):
        request = committed.pending()
        committed.sign(request, "lena")
    _tamper(owner_connection, request, "duration = interval '4 hours'")
    with committed.cast.at_acme("ivan"), pytest.raises(ContentChanged):
        committed.sign(request, "ivan")
    with committed.cast.at_acme():
        assert Request.objects.get(pk=request.pk).state == State.PENDING


def test_a_hash_that_was_changed_too_voids_every_signature(
    committed: Emergency, owner_connection: psycopg.Connection
) -> None:
    with committed.cast.at_acme("bob"):
        request = committed.pending()
        committed.sign(request, "lena")
        case = "case_reference = 'M-9'"
        request.case_reference = "M-9"
        forged = request.hash_now()
    _tamper(owner_connection, request, f"{case}, content_hash = '{forged}'")
    with committed.cast.at_acme("ivan"):
        forged_request = Request.objects.get(pk=request.pk)
        after = committed.sign(forged_request, "ivan")
        assert after.state == State.PENDING
        void = Approval.objects.exclude(voided_at=None).get(request=request)
    assert (void.by_id, void.void_reason) == (
        committed.cast.lena.pk,
        Approval.Void.CONTENT_CHANGED,
    )


def test_a_widened_scope_cannot_be_used(
    committed: Emergency, owner_connection: psycopg.Connection
) -> None:
    with committed.cast.at_acme("bob"):
        request = committed.active()
        call = call_of(request)
    wide = '{"Matter__c": {"fields": ["Name", "Status__c", "Notes__c"], "records": ["%s"]}}'
    _tamper(owner_connection, request, f"scope = '{wide.replace('%s', call.record_id)}'")
    with committed.cast.at_acme("bob"), pytest.raises(ContentChanged):
        admit(call=call, now=database_now())
