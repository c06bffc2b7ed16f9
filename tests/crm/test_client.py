"""What the client makes of an org that misbehaves, over real HTTP and TLS."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from apps.crm import errors
from apps.crm.client import oauth, transport
from apps.crm.client.soql import checked_id, checked_name, quoted
from apps.crm.client.transport import OrgSession, require_same_host
from apps.crm.session import Org, open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
QUERY = "SELECT Id FROM Organization"


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Iterator[Org]:
    connection = orgs.connect(cast, sandbox)
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as opened:
        yield opened


@pytest.mark.parametrize(
    ("fault", "kind", "retryable"),
    [
        ("session_expired", errors.SessionExpired, True),
        ("session_expired_html", errors.SessionExpired, True),
        ("request_limit", errors.LimitReached, True),
        ("concurrent_limit", errors.ConcurrencyReached, True),
        ("server_unavailable", errors.OrgUnavailable, True),
        ("html_ok", errors.NotJson, True),
        ("insufficient_access", errors.AccessRefused, False),
        ("api_disabled", errors.AccessRefused, False),
        ("validation", errors.ValidationRefused, False),
        ("lock_row", errors.RowLocked, True),
        ("drop", errors.NoAnswer, True),
    ],
)
def test_each_failure_has_its_own_kind(
    org: Org, sandbox: RunningSandbox, fault: str, kind: type[errors.CrmError], retryable: bool
) -> None:
    sandbox.fault(fault, when="always", path="/query")
    with pytest.raises(errors.CrmError) as failed:
        list(org.query(QUERY))
    assert type(failed.value) is kind
    assert failed.value.retryable is retryable
    assert not failed.value.outcome_unknown


def test_an_org_that_says_nothing_is_given_up(
    org: Org, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.2)
    sandbox.fault("hang", when="always", path="/query", seconds=0.5)
    with pytest.raises(errors.NoAnswer) as failed:
        list(org.query(QUERY))
    assert failed.value.retryable and not failed.value.outcome_unknown


@pytest.mark.parametrize("fault", ["server_unavailable", "html_ok", "drop", "concurrent_limit"])
def test_reading_is_repeated_when_a_failure_passes(
    org: Org, sandbox: RunningSandbox, fault: str
) -> None:
    sandbox.fault(fault, path="/query")
    assert len(list(org.query(QUERY))) == 1
    assert len(org.request_ids) == 2


def test_the_daily_limit_is_not_hammered(org: Org, sandbox: RunningSandbox) -> None:
    sandbox.fault("request_limit", when="always", path="/query")
    with pytest.raises(errors.LimitReached):
        list(org.query(QUERY))
    assert len(org.request_ids) == 1


def test_an_ended_session_is_renewed_once_per_call(org: Org, sandbox: RunningSandbox) -> None:
    before = sandbox.state()["token_requests"]
    sandbox.fault("session_expired", when="always", path="/query")
    with pytest.raises(errors.SessionExpired):
        list(org.query(QUERY))
    assert sandbox.state()["token_requests"] - before == 1
    sandbox.clear_faults()
    sandbox.admin("POST", "expire")
    assert len(list(org.query(QUERY))) == 1
    assert sandbox.state()["token_requests"] - before == 2


def test_a_create_is_never_repeated(org: Org, sandbox: RunningSandbox) -> None:
    for fault, unknown in (("server_unavailable", True), ("drop", True), ("lock_row", False)):
        sandbox.fault(fault, when="always", path="/sobjects/Case")
        sent = len(org.request_ids)
        with pytest.raises(errors.CrmError) as failed:
            org.create("Case", {"Subject": "Once"})
        assert len(org.request_ids) == sent + 1
        assert failed.value.outcome_unknown is unknown
        sandbox.clear_faults()


def test_a_change_is_repeated_only_when_the_row_was_locked(
    org: Org, sandbox: RunningSandbox
) -> None:
    case = org.create("Case", {"Subject": "Locked"})
    sandbox.fault("lock_row", path="/sobjects/Case")
    org.update("Case", case, {"LLM_Summary__c": "Twice"})
    found = org.read("Case", case, ["LLM_Summary__c"])
    assert found and found["LLM_Summary__c"] == "Twice"
    sandbox.fault("server_unavailable", path="/sobjects/Case")
    sent = len(org.request_ids)
    with pytest.raises(errors.OrgUnavailable):
        org.update("Case", case, {"LLM_Summary__c": "Not twice"})
    assert len(org.request_ids) == sent + 1


def test_a_record_that_is_gone_reads_as_nothing(org: Org) -> None:
    assert org.read("Case", "500Ma0000009999AAA", ["Id"]) is None


def test_a_failing_page_in_the_middle_is_read_again(org: Org, sandbox: RunningSandbox) -> None:
    sandbox.seed(tokens=1300)
    sandbox.fault("server_unavailable", path="/query/01g")
    expected = org.count("SELECT COUNT() FROM OauthToken")
    assert len(list(org.query("SELECT AppName FROM OauthToken"))) == expected


def test_a_lost_locator_is_permanent(org: Org, sandbox: RunningSandbox) -> None:
    sandbox.seed(tokens=1300)
    sandbox.fault("page_lost", when="always")
    with pytest.raises(errors.QueryRefused) as failed:
        list(org.query("SELECT AppName FROM OauthToken"))
    assert not failed.value.retryable


def test_a_token_is_ended_by_its_handle_once(org: Org, sandbox: RunningSandbox) -> None:
    query = "SELECT DeleteToken FROM OauthToken WHERE AppName = 'Sales Dashboard' LIMIT 1"
    handle = next(org.query(query))["DeleteToken"]
    org.revoke_token(handle)
    with pytest.raises(errors.RecordMissing):
        org.revoke_token(handle)


def test_an_event_is_published_and_other_objects_are_no_events(
    org: Org, sandbox: RunningSandbox
) -> None:
    assert org.publish("Access_Ended__e", {"Reason__c": "drill"})
    assert len(sandbox.admin("GET", "events")["events"]) == 1
    with pytest.raises(ValueError, match="no platform event"):
        org.publish("Case", {})


@pytest.mark.parametrize(
    ("fault", "words", "retryable"),
    [
        ("token_expired", "refresh token has expired", False),
        ("token_user_not_approved", "has not approved this app", False),
        ("token_audience", "audience", False),
        ("token_app_access", "not approved for this app", False),
        ("token_inactive_user", "inactive or frozen", False),
        ("token_inactive_org", "org is inactive", False),
        ("token_ip_restricted", "IP address", False),
        ("token_rate_limited", "more sign-ins", True),
        ("token_invalid_client", "consumer key or secret", False),
    ],
)
def test_a_refused_sign_in_is_said_with_its_fix(
    cast: Cast, sandbox: RunningSandbox, fault: str, words: str, retryable: bool
) -> None:
    sandbox.fault(fault)
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    assert connection.state == "failing"
    assert words in connection.last_error
    assert sandbox.info["username"] not in connection.last_error


def test_an_untrusted_certificate_is_refused(
    cast: Cast, sandbox: RunningSandbox, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox.info["ca"])
    settings.EXTRA_CA_FILE = ""  # type: ignore[attr-defined]
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    assert connection.state == "failing"
    assert "not trusted" in connection.last_error


def test_nobody_listening_is_said_so(cast: Cast, sandbox: RunningSandbox, settings: object) -> None:
    settings.EXTRA_ORG_HOSTS = ["localhost:9"]  # type: ignore[attr-defined]
    connection = orgs.check(cast, orgs.connect(cast, sandbox, host="localhost:9"))
    assert connection.state == "failing"
    assert "could not be reached" in connection.last_error


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/services",
        "http://acme.my.salesforce.com/",
        "https://acme.my.salesforce.com@evil.example/",
        "https://acme.my.salesforce.com.evil.example/",
        "https://acme.my.salesforce.com:8443/",
        "",
    ],
)
def test_an_answer_that_points_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(errors.HostChanged):
        require_same_host(address, host="acme.my.salesforce.com")
    with OrgSession("acme.my.salesforce.com") as session, pytest.raises(errors.HostChanged):
        session.get(address)


def test_a_token_answer_for_another_host_is_refused(
    sandbox: RunningSandbox, settings: Settings
) -> None:
    """The same org under another name: its answers name the first one."""
    from apps.common.clock import database_now

    other = orgs.host_of(sandbox).replace("localhost", "127.0.0.1")
    settings.EXTRA_ORG_HOSTS = [other]
    grant = oauth.Grant(
        host=other,
        flow="client_credentials",
        client_id=sandbox.info["consumer_key"],
        client_secret=sandbox.info["consumer_secret"],
    )
    with pytest.raises(errors.HostChanged):
        oauth.request_token(grant, now=database_now())


def test_usage_is_kept_with_the_connection(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    assert connection.api_used and connection.api_allowed
    assert connection.api_used <= connection.api_allowed


def test_an_org_is_not_opened_inside_a_scope(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    with (
        cast.at_acme(),
        pytest.raises(RuntimeError, match="inside a scope"),
        open_org(tenant_id=cast.acme.pk, connection_id=connection.pk),
    ):
        pass


def test_values_stay_values_and_names_stay_names() -> None:
    assert quoted("O'Neil\\\n") == r"'O\'Neil\\\n'"
    for wrong in ("Case WHERE", "1Case", "", "Case;"):
        with pytest.raises(ValueError, match="API name"):
            checked_name(wrong)
    with pytest.raises(ValueError, match="record id"):
        checked_id("../limits")
