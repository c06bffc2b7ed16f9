"""The fault matrix: every cause of a lockout, in every way to sign in, told apart over TLS."""

from contextlib import suppress
from typing import Any

import pytest

from apps.common.clock import database_now
from apps.crm import errors, selectors
from apps.crm.diagnosis.keeping import (
    end_troubles,
    note_trouble,
    open_troubles,
    past_troubles,
)
from apps.crm.eventlogs import taking
from apps.crm.models import Connection, LogWatch, Trouble
from apps.crm.services import connections
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
FLOWS = ("jwt_bearer", "client_credentials", "refresh_token")
AT_SIGN_IN = {
    "token_expired": ("token_expired", True),
    "token_user_not_approved": ("grant_revoked", True),
    "token_app_access": ("app_not_approved", False),
    "token_inactive_user": ("user_inactive", False),
    "token_inactive_org": ("org_inactive", False),
    "token_ip_restricted": ("ip_restricted", False),
    "token_second_factor": ("mfa_or_sso", False),
    "token_single_sign_on": ("mfa_or_sso", False),
    "token_audience": ("wrong_host", True),
    "token_rate_limited": ("sign_ins_throttled", False),
    "token_invalid_client": ("app_credentials", False),
}
AT_CALLS = {
    "session_expired": ("token_expired", True),
    "request_limit": ("quota_spent", True),
    "concurrent_limit": ("concurrent_limit", True),
    "lock_row": ("row_locked", True),
    "server_unavailable": ("maintenance", True),
    "maintenance": ("maintenance", False),
    "api_disabled": ("api_disabled", True),
    "insufficient_access": ("permission_missing", True),
}
WAITS = {
    "mfa_or_sso",
    "quota_spent",
    "concurrent_limit",
    "row_locked",
    "maintenance",
    "sign_ins_throttled",
}


def connect(cast: Cast, sandbox: RunningSandbox, flow: str) -> Connection:
    other: dict[str, Any] = {"flow": flow, "client_secret": sandbox.info["consumer_secret"]}
    if flow == "refresh_token":
        other |= orgs.consented(sandbox)
    if flow != "jwt_bearer":
        other |= {"private_key": "", "username": ""}
    return orgs.connect(cast, sandbox, **other)


def the_trouble(cast: Cast, connection: Connection) -> Trouble:
    with cast.at_acme():
        (only,) = open_troubles(connection.pk)
    return only


@pytest.mark.parametrize("flow", FLOWS)
def test_every_fault_in_this_flow_has_its_own_cause(
    cast: Cast, sandbox: RunningSandbox, flow: str
) -> None:
    connection = connect(cast, sandbox, flow)
    for fault, expected in AT_SIGN_IN.items():
        sandbox.fault(fault, when="always")
        _require(cast, sandbox, connection, fault, expected)
    for fault, expected in AT_CALLS.items():
        sandbox.fault(fault, when="always", path="/query")
        _require(cast, sandbox, connection, fault, expected)
    sandbox.fault("token_inactive_user")
    assert orgs.check(cast, connection).state == "failing"
    assert orgs.check(cast, connection).state == "healthy"
    with cast.at_acme():
        assert open_troubles(connection.pk) == []


def _require(
    cast: Cast,
    sandbox: RunningSandbox,
    connection: Connection,
    fault: str,
    expected: tuple[str, bool],
) -> None:
    """Under this fault there is this one cause with evidence."""
    assert orgs.check(cast, connection).state == "failing", fault
    row = the_trouble(cast, connection)
    assert (row.cause, row.certain) == expected, fault
    assert row.evidence["kind"].startswith("crm_"), fault
    assert (row.retry_at is not None) == (row.cause in WAITS), fault
    assert sandbox.info["username"] not in str(row.evidence)
    sandbox.clear_faults()
    with cast.at_acme():
        assert end_troubles(connection_id=connection.pk, now=database_now()) == 1, fault
    _forget_token(cast, connection)


def _forget_token(cast: Cast, connection: Connection) -> None:
    """The next check signs in anew."""
    with cast.at_acme():
        token = selectors.token_of(connection)
        token.expires_at = None
        token.save()


def test_a_revoked_grant_is_told_from_one_that_ran_out(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.check(cast, connect(cast, sandbox, "refresh_token"))
    sandbox.admin("POST", "expire")
    sandbox.fault("token_expired")
    orgs.check(cast, connection)
    row = the_trouble(cast, connection)
    assert (row.cause, row.certain) == ("grant_revoked", False)
    assert row.evidence["early"] is True


def test_an_answer_from_another_host_is_a_wrong_host(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    wrong = errors.HostChanged("It points away.")
    with cast.at_acme():
        row = note_trouble(connection_id=connection.pk, error=wrong, now=database_now())
    assert row is not None and row.cause == "wrong_host"


def test_a_refused_value_is_no_lockout(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    sandbox.fault("validation", when="always", path="/sobjects/Case")
    with (
        pytest.raises(errors.ValidationRefused),
        open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org,
    ):
        org.create("Case", {"Subject": "No"})
    with cast.at_acme():
        assert open_troubles(connection.pk) == []


def test_the_same_cause_counts_up_and_is_recorded_once(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_inactive_user", when="always")
    for _ in range(3):
        orgs.check(cast, connection)
    assert the_trouble(cast, connection).times == 3
    sandbox.clear_faults()
    orgs.check(cast, connection)
    with cast.at_acme():
        target = str(connection.pk)
        assert ledger.list_events(action="crm.lockout.noticed", target_id=target).count() == 1
        assert ledger.list_events(action="crm.lockout.ended", target_id=target).count() == 1
        assert [row.cause for row in past_troubles(connection.pk)] == ["user_inactive"]


def test_a_session_that_swallowed_a_failure_keeps_its_cause(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    sandbox.fault("request_limit", when="always", path="/query")
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        with pytest.raises(errors.LimitReached):
            org.count("SELECT COUNT() FROM Case")
    assert the_trouble(cast, connection).cause == "quota_spent"


def test_a_thing_that_the_org_does_not_show_is_no_lockout(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    ids: dict[str, Any] = {"tenant_id": cast.acme.pk, "connection_id": connection.pk}
    sandbox.fault("insufficient_access", when="always", path="/query")
    with pytest.raises(errors.AccessRefused), open_org(**ids) as org:
        org.count("SELECT COUNT() FROM EventLogFile")
    with open_org(**ids) as org, suppress(errors.AccessRefused):
        org.count("SELECT COUNT() FROM EventLogFile")
    taking.take_logs(**ids)
    with cast.at_acme():
        assert open_troubles(connection.pk) == []
        assert LogWatch.objects.get(connection=connection).state == "refused"
    assert orgs.check(cast, connection).state == "failing"
    assert the_trouble(cast, connection).cause == "permission_missing"


def test_a_failing_org_is_left_alone_until_asking_is_safe(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_rate_limited", when="always")
    orgs.check(cast, connection)
    wait = the_trouble(cast, connection).retry_at
    assert wait is not None
    with cast.at_acme():
        assert connections.requeue_checks(now=wait - connections.RECHECK_AFTER) == 0
        assert connections.requeue_checks(now=wait) == 1


def test_another_tenant_sees_no_cause(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_inactive_user", when="always")
    orgs.check(cast, connection)
    with cast.at_globex():
        assert open_troubles(connection.pk) == []
