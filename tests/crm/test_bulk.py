"""Many records by few requests: Bulk API 2.0 for reading, collections for writing."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from apps.crm import errors
from apps.crm.budget.gate import standing
from apps.crm.client import bulk, many
from apps.crm.inventory import volume
from apps.crm.inventory.read import USER_FIELDS
from apps.crm.inventory.volume import Wanted, read_chosen, read_matching
from apps.crm.models import Connection
from apps.crm.session import Org, open_org
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
QUERY = "SELECT Id, AppName FROM OauthToken"
USERS = Wanted("User", USER_FIELDS)


@pytest.fixture(autouse=True)
def no_long_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "FIRST_POLL_SECONDS", 0.01)
    monkeypatch.setattr(bulk, "ROWS_PER_PAGE", 500)


@pytest.fixture
def connection(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.connect(cast, sandbox)


@pytest.fixture
def org(cast: Cast, connection: Connection) -> Iterator[Org]:
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as opened:
        yield opened


@pytest.fixture
def jobs_are_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few records are as many as twenty thousand."""
    monkeypatch.setattr(volume, "REQUESTS_AROUND_A_JOB", 0)
    monkeypatch.setattr(volume, "ROWS_PER_QUERY_PAGE", 1)
    monkeypatch.setattr(volume, "IDS_PER_QUERY", 1)


def bare(row: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key != "attributes"}
    return {key: bare(value) if isinstance(value, dict) else value for key, value in kept.items()}


def test_a_bulk_read_survives_an_ended_session_and_a_failing_page(
    org: Org, sandbox: RunningSandbox
) -> None:
    sandbox.seed(tokens=1300)
    expected = org.count("SELECT COUNT() FROM OauthToken")
    pages = bulk.read(org, QUERY)
    rows = list(next(pages))
    sandbox.admin("POST", "expire")
    sandbox.fault("server_unavailable", when="nth", n=2, path="/jobs/query/")
    for page in pages:
        rows += page
    assert len({row["Id"] for row in rows}) == len(rows) == expected


def test_what_is_not_read_in_bulk_is_told_with_the_orgs_code(
    org: Org, sandbox: RunningSandbox
) -> None:
    sandbox.fault("not_bulkable", path="/jobs/query")
    with pytest.raises(errors.NotBulkable) as refused:
        next(bulk.read(org, QUERY))
    assert refused.value.data["error_code"] == "INVALIDENTITY"
    with pytest.raises(errors.JobFailed):
        next(bulk.read(org, "SELECT Nothing__c FROM Case"))


def test_a_job_that_is_not_through_in_time_is_given_up(org: Org) -> None:
    with pytest.raises(errors.JobUnfinished):
        next(bulk.read(org, QUERY, deadline_seconds=0))
    jobs = org.ask("GET", "jobs/query", ())["records"]
    assert [job["state"] for job in jobs] == ["Aborted"]


@pytest.mark.usefixtures("jobs_are_cheap")
def test_rows_of_a_job_are_those_of_query_pages_and_cost_what_the_org_counts(
    org: Org, connection: Connection, sandbox: RunningSandbox
) -> None:
    by_pages = {row["Id"]: bare(row) for row in org.query(USERS.soql)}
    found = read_matching(org, USERS)
    assert found.way == "Read by one bulk job."
    assert {row["Id"]: row for row in found.rows} == by_pages
    assert found.expected == len(by_pages) > 3
    counted = standing(connection.pk)
    assert counted and counted.used == org.usage[0] if org.usage else False


@pytest.mark.usefixtures("jobs_are_cheap")
def test_those_chosen_are_kept_of_a_job_and_what_it_left_out_counts_as_missing(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [row["Id"] for row in org.query("SELECT Id FROM User")]
    found = read_chosen(org, USERS, key="Id", ids=ids[:3])
    assert sorted(row["Id"] for row in found.rows) == sorted(ids[:3])
    assert found.expected == 3
    read = bulk.read
    monkeypatch.setattr(
        bulk, "read", lambda org, soql: (islice(page, 1, None) for page in read(org, soql))
    )
    short = read_chosen(org, USERS, key="Id", ids=ids)
    assert (len(short.rows), short.expected) == (len(ids) - 1, len(ids))


@pytest.mark.usefixtures("jobs_are_cheap")
@pytest.mark.parametrize(
    ("fault", "path", "code"),
    [
        ("not_bulkable", "/jobs/query", "INVALIDENTITY"),
        ("fail_bulk_job", "/jobs/query/", "InternalServerError"),
    ],
)
def test_pages_are_read_where_a_job_does_not_do_it_and_the_reason_is_told(
    org: Org, sandbox: RunningSandbox, fault: str, path: str, code: str
) -> None:
    ids = [row["Id"] for row in org.query("SELECT Id FROM User")]
    sandbox.fault(fault, path=path, when="always")
    whole = read_matching(org, USERS)
    some = read_chosen(org, USERS, key="Id", ids=ids[:2])
    assert (len(whole.rows), whole.expected) == (len(ids), len(ids))
    assert (len(some.rows), some.expected) == (2, 2)
    assert code in whole.way and code in some.way


def test_few_records_are_read_without_a_job(org: Org) -> None:
    before = len(org.request_ids)
    assert read_matching(org, USERS).way == ""
    assert len(org.request_ids) == before + 1


def test_collections_answer_for_every_record(org: Org) -> None:
    case = org.create("Case", {"Subject": "Many"})
    missing = "500Ma0000009999AAA"
    before = len(org.request_ids)
    first, second = many.delete(org, [case, missing])
    assert len(org.request_ids) == before + 1
    assert isinstance(first.error, errors.AccessRefused)  # the console may not delete cases
    assert isinstance(second.error, errors.CrmError) and second.record_id == missing
