"""What a snapshot costs an org and a worker, and what a token costs when many want one."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import broker, services
from apps.crm.client import oauth
from apps.crm.eventlogs.own import Journal
from apps.crm.inventory import volume
from apps.crm.inventory.read import read_inventory
from apps.crm.inventory.volume import Wanted, read_matching
from apps.crm.models import Connection, OrgToken, Snapshot
from apps.crm.services import snapshots
from apps.crm.session import open_org
from tests.bench.memory import peak_mib
from tests.bench.plain_org import read_plainly
from tests.bench.report import record
from tests.cast import Cast, make_cast
from tests.crm import orgs
from tests.crm.apart import ask_from_processes
from tests.fakes.sandbox import RunningSandbox, start_sandbox

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]
TOKENS, APPS, ACCOUNTS, WORKERS = 6_000, 500, 300, 64
MANY = 40_000
PLAIN = "plain simple-salesforce"


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[RunningSandbox]:
    running = start_sandbox("--tls")
    settings.EXTRA_CA_FILE = running.info["ca"]
    settings.EXTRA_ORG_HOSTS = [orgs.host_of(running)]
    yield running
    running.stop()


@pytest.fixture
def acme(sandbox: RunningSandbox) -> Cast:
    return make_cast()


@pytest.fixture
def org(acme: Cast, sandbox: RunningSandbox) -> Connection:
    """An org with as many apps and integration users, and no more tokens yet."""
    connection = orgs.check(acme, orgs.connect(acme, sandbox))
    with open_org(tenant_id=acme.acme.pk, connection_id=connection.pk) as opened:
        (profile,) = opened.query(
            "SELECT Id FROM Profile WHERE Name = 'Salesforce API Only System Integrations'"
        )
        (permission_set,) = opened.query(
            "SELECT Id FROM PermissionSet WHERE Name = 'LLM_Sync_Legacy'"
        )
    users = [
        {"Username": f"svc-{number}@acme.example", "ProfileId": profile["Id"], "IsActive": True}
        for number in range(ACCOUNTS)
    ]
    sandbox.seed(apps=APPS, records={"User": users})
    with open_org(tenant_id=acme.acme.pk, connection_id=connection.pk) as opened:
        made = list(opened.query("SELECT Id FROM User WHERE Username LIKE 'svc-%@acme.example'"))
    held = [
        {"AssigneeId": row["Id"], "PermissionSetId": permission_set["Id"], "IsActive": True}
        for row in made
    ]
    sandbox.seed(records={"PermissionSetAssignment": held})
    return connection


def _apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What work tells in a process of its own, with its seconds and how far memory grew (MiB)."""
    database.close()
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew at what is held now
        before, began = peak_mib(), time.perf_counter()
        found = work()
        found |= {"seconds": time.perf_counter() - began, "grown": peak_mib() - before}
        os.write(told, json.dumps(found).encode())
        os._exit(0)
    os.close(told)
    with os.fdopen(heard, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    found = json.loads(answer)
    return dict(found)


def _counted(sandbox: RunningSandbox, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    before = sandbox.state()["api_calls"]
    found = _apart(work)
    return found | {"calls": sandbox.state()["api_calls"] - before}


def _ours(cast: Cast, org: Connection) -> dict[str, Any]:
    with open_org(tenant_id=cast.acme.pk, connection_id=org.pk) as opened:
        found = read_inventory(opened, told=lambda sources: None)
    return {"tokens": found["OauthToken"].read, "complete": found.is_complete}


def _whole(cast: Cast, org: Connection) -> dict[str, Any]:
    with cast.at_acme("bob") as bob:
        asked = services.take_snapshot(actor=bob, connection_id=org.pk, now=database_now())
    snapshots.read_snapshot(tenant_id=cast.acme.pk, snapshot_id=asked.pk)
    with cast.at_acme():
        state = Snapshot.objects.get(pk=asked.pk).state
    return {"complete": state == "complete"}


def _plainly(sandbox: RunningSandbox, token: str) -> dict[str, Any]:
    found = read_plainly(host=orgs.host_of(sandbox), token=token, ca=sandbox.info["ca"])
    return {"tokens": len(found["tokens"]), "users": len(found["users"])}


def test_a_snapshot_beside_plain_reads_and_with_ten_times_the_tokens(
    acme: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    ids: dict[str, Any] = {"tenant_id": acme.acme.pk, "connection_id": org.pk}
    token = broker.access_token(**ids).access_token
    rounds: list[dict[str, dict[str, Any]]] = []
    for tokens in (TOKENS, 9 * TOKENS):
        sandbox.seed(tokens=tokens)
        rounds.append(
            {
                "plain": _counted(sandbox, lambda: _plainly(sandbox, token)),
                "ours": _counted(sandbox, lambda: _ours(acme, org)),
                "whole": _counted(sandbox, lambda: _whole(acme, org)),
            }
        )
    small, large = rounds
    for each in rounds:
        assert each["ours"]["complete"] and each["whole"]["complete"]
        assert each["ours"]["tokens"] == each["plain"]["tokens"]
    assert small["plain"]["users"] >= ACCOUNTS
    _tell(small, large)


def _tell(small: dict[str, dict[str, Any]], large: dict[str, dict[str, Any]]) -> None:
    ours, plain = small["ours"], small["plain"]
    for figure, unit in (("calls", "requests"), ("seconds", "s")):
        name = f"snapshot of 6,000 tokens, 500 apps, 300 accounts: {figure}"
        ratio = ours[figure] / plain[figure]
        record("crm", name, ours[figure], unit, peer=PLAIN, ratio=ratio)
    record("crm", "the same, written and sealed: seconds", small["whole"]["seconds"], "s")
    for words, each in (("6,000", small), ("60,000", large)):
        grown, beside = each["whole"]["grown"], each["plain"]["grown"]
        name = f"memory that a snapshot of {words} tokens adds"
        record("crm", name, grown, "MiB", peer=PLAIN, ratio=grown / beside)
    print(json.dumps([small, large], indent=1))
    assert large["whole"]["grown"] < small["whole"]["grown"] + 25, "memory grows with the tokens"


def test_many_accounts_by_one_job_and_by_pages(
    acme: Cast, sandbox: RunningSandbox, org: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [{"Username": f"many-{number}@acme.example"} for number in range(MANY)]
    sandbox.seed(records={"User": users})
    wanted = Wanted("User", ("Id", "Username", "Name", "IsActive", "LastLoginDate"))
    told: dict[str, tuple[int, float]] = {}
    with open_org(tenant_id=acme.acme.pk, connection_id=org.pk) as opened:
        for way, around in (("job", volume.REQUESTS_AROUND_A_JOB), ("pages", 1_000)):
            monkeypatch.setattr(volume, "REQUESTS_AROUND_A_JOB", around)
            before, began = len(opened.request_ids), time.perf_counter()
            found = read_matching(opened, wanted)
            assert len(found.rows) == found.expected >= MANY
            assert bool(found.way) == (way == "job")
            told[way] = len(opened.request_ids) - before, time.perf_counter() - began
    for place, unit in enumerate(("requests", "s")):
        ratio = told["job"][place] / told["pages"][place]
        name = f"{MANY:,} accounts by one bulk job: {'seconds' if place else 'calls'}"
        record("crm", name, told["job"][place], unit, peer="query pages", ratio=ratio)


def test_what_it_costs_to_announce_calls(acme: Cast, org: Connection) -> None:
    journal = Journal(tenant_id=acme.acme.pk, connection_id=org.pk)
    rounds, ids = 50, [f"{number:032x}" for number in range(64)]
    began = time.perf_counter()
    for _ in range(rounds):
        journal.announce(ids)
    spent = (time.perf_counter() - began) / rounds
    record("crm", "64 calls announced in the ledger before they are sent", spent * 1000, "ms")
    record("crm", "the same, for each call", spent * 1000 / len(ids), "ms")


def test_many_workers_on_one_expiring_token(
    acme: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    ids: dict[str, Any] = {"tenant_id": acme.acme.pk, "connection_id": org.pk}
    broker.access_token(**ids)
    with scoped(tenant_id=acme.acme.pk):
        row = OrgToken.objects.select_related("connection").get(connection=org)
        grant = broker._grant_of(row)
        OrgToken.objects.filter(pk=row.pk).update(expires_at=database_now())
    before, began = sandbox.state()["token_requests"], time.perf_counter()
    got = ask_from_processes(**ids, processes=8, threads=WORKERS // 8)
    seconds = time.perf_counter() - began
    asked = sandbox.state()["token_requests"] - before
    assert (len(got), len(set(got)), asked) == (WORKERS, 1, 1)
    began = time.perf_counter()
    for _ in range(WORKERS):
        oauth.request_token(grant, now=database_now())
    alone = time.perf_counter() - began
    peer = "each worker signs in"
    record("crm", "64 workers, one expiring token: token requests", asked, "requests", peer=peer,
           ratio=asked / WORKERS)  # fmt: skip
    record("crm", "64 workers, one expiring token: until all hold it", seconds, "s", peer=peer,
           ratio=seconds / alone)  # fmt: skip
