"""Bulk API 1: XML by hand, JSON by simple-salesforce."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import requests
from defusedxml.ElementTree import fromstring
from simple_salesforce.api import Salesforce

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import OrgClient, log_in_as_app

ASYNC = "/services/async/62.0"
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
IN = {"dl": NAMESPACE}


def send(org: OrgClient, method: str, path: str, body: str = "", kind: str = "xml") -> Any:
    """Send as an older tool does: the session in a header of its own."""
    return requests.request(
        method,
        f"{org.sandbox.url}{ASYNC}{path}",
        data=body.encode(),
        headers={
            "X-SFDC-Session": org.token,
            "Content-Type": {"csv": "text/csv"}.get(kind, f"application/{kind}; charset=UTF-8"),
        },
        verify=org.sandbox.verify,
        timeout=10,
    )


def made(answer: Any) -> Element:
    assert answer.ok, answer.text
    root: Element = fromstring(answer.content)
    return root


def text(element: Element, name: str) -> str | None:
    return element.findtext(f"dl:{name}", namespaces=IN)


def job(org: OrgClient, operation: str, kind: str, sobject: str = "Contact") -> str:
    body = (
        f'<jobInfo xmlns="{NAMESPACE}"><operation>{operation}</operation>'
        f"<object>{sobject}</object><contentType>{kind}</contentType></jobInfo>"
    )
    answer = send(org, "POST", "/job", body)
    assert answer.status_code == 201
    return text(made(answer), "id") or ""


def batch(org: OrgClient, job_id: str, body: str, kind: str = "csv") -> str:
    return text(made(send(org, "POST", f"/job/{job_id}/batch", body, kind)), "id") or ""


def test_rows_of_csv_are_taken_in_and_each_is_accounted_for(writer: OrgClient) -> None:
    job_id = job(writer, "insert", "CSV")
    batch_id = batch(writer, job_id, 'LastName,Title\nFirst,"a, b"\n"",Nobody\n')
    done = made(send(writer, "GET", f"/job/{job_id}/batch/{batch_id}"))
    assert (text(done, "state"), text(done, "numberRecordsFailed")) == ("Completed", "1")
    told = send(writer, "GET", f"/job/{job_id}/batch/{batch_id}/result").text.splitlines()
    assert told[0] == '"Id","Success","Created","Error"'
    assert told[1].endswith('"true","true",""')
    assert told[2].startswith('"","false","false","REQUIRED_FIELD_MISSING:')
    closed = f'<jobInfo xmlns="{NAMESPACE}"><state>Closed</state></jobInfo>'
    assert text(made(send(writer, "POST", f"/job/{job_id}", closed)), "state") == "Closed"
    late = send(writer, "POST", f"/job/{job_id}/batch", "LastName\nLate\n", "csv")
    assert text(fromstring(late.content), "exceptionCode") == "InvalidJobState"


@pytest.mark.parametrize("kind", ["CSV", "XML"])
def test_a_query_gives_out_its_records(writer: OrgClient, kind: str) -> None:
    job_id = job(writer, "query", kind)
    soql = "SELECT Id, LastName, Account.Name FROM Contact WHERE LastName = 'Petersen'"
    batch_id = batch(writer, job_id, soql, "xml")
    made(send(writer, "GET", f"/job/{job_id}/batch/{batch_id}"))
    listed = made(send(writer, "GET", f"/job/{job_id}/batch/{batch_id}/result"))
    path = f"/job/{job_id}/batch/{batch_id}/result/{text(listed, 'result')}"
    answer = send(writer, "GET", path)
    if kind == "CSV":
        assert answer.text.splitlines()[0] == '"Id","LastName","Account.Name"'
        assert "Nordlicht Logistik GmbH" in answer.text
    else:
        names = made(answer).findall("dl:records/dl:Account/dl:Name", IN)
        assert [name.text for name in names] == ["Nordlicht Logistik GmbH"]


@pytest.mark.parametrize("where", ["", " where LastName != 'Nobody' OR LastName = null"])
def test_a_query_is_cut_by_ids_into_batches(writer: OrgClient, where: str) -> None:
    job_id, soql = job(writer, "query", "CSV"), f"SELECT Id FROM Contact{where}"
    whole = {row["Id"] for row in writer.rows("SELECT Id FROM Contact")}
    sent = requests.post(
        f"{writer.sandbox.url}{ASYNC}/job/{job_id}/batch",
        data=soql,
        headers={
            "X-SFDC-Session": writer.token,
            "Content-Type": "text/csv",
            "Sforce-Enable-PKChunking": f"chunkSize={len(whole) // 3 + 1}",
        },
        timeout=10,
    )
    assert text(made(sent), "state") == "Not Processed"
    listed = made(send(writer, "GET", f"/job/{job_id}/batch"))
    states = [each.text or "" for each in listed.iterfind(".//dl:state", IN)]
    assert sorted(states) == ["Completed"] * 3 + ["Not Processed"]
    found: list[str] = []
    for each in listed.iterfind("dl:batchInfo", IN):
        if text(each, "state") == "Completed":
            path = f"/job/{job_id}/batch/{text(each, 'id')}/result"
            part = made(send(writer, "GET", path))[0].text
            rows = send(writer, "GET", f"{path}/{part}").text.split()[1:]
            found += [row.strip('"') for row in rows]
    assert len(found) == len(whole) and set(found) == whole


def test_rows_of_xml_are_taken_in(writer: OrgClient) -> None:
    job_id = job(writer, "insert", "XML")
    rows = f'<sObjects xmlns="{NAMESPACE}"><sObject><LastName>Æ</LastName></sObject></sObjects>'
    batch_id = batch(writer, job_id, rows, "xml")
    listed = made(send(writer, "GET", f"/job/{job_id}/batch"))
    assert listed.findtext("dl:batchInfo/dl:state", namespaces=IN) == "Completed"
    told = made(send(writer, "GET", f"/job/{job_id}/batch/{batch_id}/result"))
    assert told.findtext("dl:result/dl:success", namespaces=IN) == "true"
    assert writer.rows("SELECT Id FROM Contact WHERE LastName = 'Æ'") != []


def test_a_dead_session_is_told_as_the_older_api_does(writer: OrgClient) -> None:
    writer.sandbox.admin("POST", "expire")
    answer = send(writer, "GET", "/job/7500000000000aa")
    assert answer.status_code == 400
    assert text(fromstring(answer.content), "exceptionCode") == "InvalidSessionId"


def test_calls_of_the_older_api_are_in_the_log_of_all_calls_alone(
    org: OrgClient, writer: OrgClient
) -> None:
    job(writer, "insert", "CSV")
    org.sandbox.admin("POST", "event_logs", json={"hours": 0})
    told = {}
    for kind in ("ApiTotalUsage", "RestApi"):
        soql = f"SELECT LogFile FROM EventLogFile WHERE EventType = '{kind}'"
        newest = org.rows(soql + " ORDER BY CreatedDate DESC LIMIT 1")[0]["LogFile"]
        told[kind] = org.get(newest).text.count("/v62.0/job")
    assert told == {"ApiTotalUsage": 1, "RestApi": 0}


@pytest.mark.parametrize(
    ("fault", "code"),
    [("session_expired", "InvalidSessionId"), ("request_limit", "ExceededQuota")],
)
def test_faults_are_told_in_the_words_of_the_older_api(
    writer: OrgClient, fault: str, code: str
) -> None:
    writer.sandbox.fault(fault)
    answer = send(writer, "GET", "/job/7500000000000aa")
    assert (answer.status_code, text(fromstring(answer.content), "exceptionCode")) == (400, code)


@pytest.mark.parametrize(
    "body", ["", "<jobInfo", '<!DOCTYPE a [<!ENTITY b "c">]><jobInfo>&b;</jobInfo>']
)
def test_what_is_no_xml_is_refused(writer: OrgClient, body: str) -> None:
    answer = send(writer, "POST", "/job", body)
    assert text(fromstring(answer.content), "exceptionCode") == "InvalidXml"


@pytest.fixture
def salesforce(sandbox_tls: RunningSandbox) -> Iterator[Any]:
    """simple-salesforce, signed in to the sandbox over TLS."""
    sandbox_tls.reset()
    token = log_in_as_app(sandbox_tls, "Nightly Import").token
    with requests.Session() as session:
        session.trust_env, session.verify = False, sandbox_tls.verify
        yield Salesforce(instance_url=sandbox_tls.url, session_id=token, session=session)


def test_simple_salesforce_speaks_the_older_api_both_ways(salesforce: Any) -> None:
    rows = [{"LastName": f"Older {number}"} for number in range(30)] + [{"Title": "Nobody"}]
    told = salesforce.bulk.Contact.insert(rows, batch_size=20)
    assert [each["success"] for each in told] == [True] * 30 + [False]
    assert told[-1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    found = salesforce.bulk.Contact.query("SELECT Id, CreatedDate FROM Contact WHERE Title = null")
    assert {type(each["CreatedDate"]) for each in found} == {
        int
    }  # milliseconds, as on the platform
    assert len(found) >= 30
