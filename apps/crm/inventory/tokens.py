"""Listing every OAuth token of an org.

`OauthToken` ends after 2,500 rows without a word, so it is read in windows of CreatedDate, each
starting at the last instant seen: tokens of the same instant come twice and are known by their
DeleteToken. Where more tokens than a window share one instant, windows of DeleteToken divide it;
whatever is still missing shows in the count. The values of tokens are not asked for.
"""

import hashlib

from apps.crm.client.soql import quoted
from apps.crm.inventory.packed import Packed, Record
from apps.crm.inventory.reading import Source
from apps.crm.session import Org

WINDOW = 2500
FIELDS = "DeleteToken, AppName, UserId, UseCount, LastUsedDate, CreatedDate"
COUNT = "SELECT COUNT() FROM OauthToken"


class _Found:
    """Every token once, known by the digest of its handle."""

    def __init__(self) -> None:
        self.rows = Packed()
        self._known: set[bytes] = set()

    def add(self, row: Record) -> bool:
        """Keep a token. Whether it is new; one without a handle is no token."""
        handle = str(row.get("DeleteToken") or "")
        known = hashlib.sha256(handle.encode()).digest()[:16]
        if not handle or known in self._known:
            return False
        self._known.add(known)
        self.rows.add({key: value for key, value in row.items() if key != "attributes"})
        return True


def read_tokens(org: Org, source: Source) -> None:
    """Every token, compared with the count taken before (and again when they differ)."""
    expected = org.count(COUNT)
    rows = _in_windows(org)
    if len(rows) != expected:
        expected = org.count(COUNT)
    source.settle(rows, expected=expected)


def _in_windows(org: Org) -> Packed:
    found = _Found()
    since = ""
    while True:
        fresh = _keep_new(found, org, _window(since))
        newest = max((str(row["CreatedDate"]) for row in fresh), default="")
        if newest <= since:
            # Either all is read, or one instant fills the whole window.
            if not since or not _beyond(found, org, since):
                return found.rows
            since = _just_after(found, org, since)
            if not since:
                return found.rows
            continue
        since = newest


def _window(since: str) -> str:
    where = f" WHERE CreatedDate >= {_literal(since)}" if since else ""
    return f"SELECT {FIELDS} FROM OauthToken{where} ORDER BY CreatedDate ASC LIMIT {WINDOW}"  # noqa: S608


def _beyond(found: _Found, org: Org, instant: str) -> bool:
    """Read the tokens of one instant past the first window; whether that instant was so full."""
    at = f"CreatedDate = {_literal(instant)}"
    if org.count(f"{COUNT} WHERE {at}") < WINDOW:
        return False
    after = ""
    while True:
        where = f"{at} AND DeleteToken > {quoted(after)}" if after else at
        query = f"SELECT {FIELDS} FROM OauthToken WHERE {where} ORDER BY DeleteToken LIMIT {WINDOW}"  # noqa: S608
        rows = list(org.query(query))
        for row in rows:
            found.add(row)
        reached = str(rows[-1].get("DeleteToken") or "") if rows else ""
        if len(rows) < WINDOW or reached == after:
            return True
        after = reached


def _just_after(found: _Found, org: Org, instant: str) -> str:
    """The next instant that has tokens; reads its window. Empty when there is none."""
    query = (
        f"SELECT {FIELDS} FROM OauthToken WHERE CreatedDate > {_literal(instant)}"  # noqa: S608
        f" ORDER BY CreatedDate ASC LIMIT {WINDOW}"
    )
    fresh = _keep_new(found, org, query)
    return max((str(row["CreatedDate"]) for row in fresh), default="")


def _keep_new(found: _Found, org: Org, query: str) -> list[Record]:
    return [row for row in org.query(query) if found.add(row)]


def _literal(instant: str) -> str:
    """A SOQL date-time literal: the platform writes +0000 where it wants to read Z."""
    return instant.replace("+0000", "Z")
