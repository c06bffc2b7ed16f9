"""Reading an org with 6,000 tokens: a snapshot of ours beside simple-salesforce reading as many."""

from typing import Any

import pytest
import requests
from simple_salesforce.api import Salesforce

from tests.bench.report import record
from tests.bench.timing import seconds_once
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.conftest import one_sandbox, sandbox
from tests.crm.test_snapshots import take
from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import log_in

__all__ = ["one_sandbox", "sandbox"]
pytestmark = [pytest.mark.bench, pytest.mark.django_db]

TOKENS = 6_000
FIELDS = "DeleteToken, AppName, UserId, CreatedDate, LastUsedDate, UseCount"


def _read_plainly(sandbox: RunningSandbox) -> list[Any]:
    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would silently replace `verify`
        session.verify = sandbox.verify
        salesforce = Salesforce(
            instance_url=sandbox.url,
            session_id=log_in(sandbox).token,
            session=session,
            version="62.0",
        )
        rows: list[Any] = salesforce.query_all(f"SELECT {FIELDS} FROM OauthToken")["records"]
        return rows


def test_a_snapshot_of_many_tokens(cast: Cast, sandbox: RunningSandbox) -> None:
    """Ours also reads apps, accounts and rights, and seals and stores it all; theirs only reads.

    The org ends a listing at 2,500 rows without a word: the plain reader believes that is all.
    """
    sandbox.seed(tokens=TOKENS)
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    taken: list[Any] = []
    ours = seconds_once(lambda: taken.append(take(cast, connection)))
    told = {source["source"]: source for source in taken[0].sources}
    read = told["OauthToken"]["read"]
    rows: list[Any] = []
    theirs = seconds_once(lambda: rows.extend(_read_plainly(sandbox)))
    assert taken[0].state == "complete" and read >= TOKENS
    per_row = (ours / read) / (theirs / len(rows))
    peer = f"simple-salesforce, which got {len(rows):,} in {theirs:.2f} s; ratio per token"
    record("crm", f"snapshot with {read:,} tokens", ours, "s", peer=peer, ratio=per_row)
