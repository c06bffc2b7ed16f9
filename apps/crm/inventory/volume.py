"""Reading an object by whichever way costs the org fewer requests.

Each page of a query is one request, as is each portion of ids; a bulk job costs some to begin and
to wait for, and then one for many rows. What an org does not read in bulk is read by pages, and the
source tells why. OAuth tokens are not read here: their listings end early, however they are made.
https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from apps.crm import errors
from apps.crm.client import bulk
from apps.crm.client.soql import quoted
from apps.crm.inventory.packed import Packed, Rows, joined
from apps.crm.session import Org

ROWS_PER_QUERY_PAGE = 2_000
IDS_PER_QUERY = 200  # keeps a query's address well under the platform's 16 KB
REQUESTS_AROUND_A_JOB = 9  # its fields, its begin, its polls, and the count afterwards
_FALLS_BACK = (
    errors.NotBulkable,
    errors.JobFailed,
    errors.JobUnfinished,
    errors.AnswerTooLarge,
    errors.NotJson,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Fields of an object's records, all or those that match."""

    object_name: str
    fields: tuple[str, ...]
    where: str = ""  # an OR in it stands in brackets

    @property
    def soql(self) -> str:
        return self._of(", ".join(self.fields))

    @property
    def count(self) -> str:
        return self._of("COUNT()")

    def _of(self, what: str) -> str:
        clause = f" WHERE {self.where}" if self.where else ""
        return f"SELECT {what} FROM {self.object_name}{clause}"  # noqa: S608  built from fixed words


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, how many the org counts, and in words by which way if not by pages alone."""

    rows: Rows
    expected: int
    way: str = ""


def read_matching(org: Org, wanted: Wanted) -> Reading:
    """Every record, with the org's own count of them. Raises `CrmError`."""
    expected, rows = org.counted(wanted.soql)
    if _requests_in_bulk(expected) >= -(-expected // ROWS_PER_QUERY_PAGE):
        return Reading(list(rows), expected)
    try:
        return _in_bulk(org, wanted, expected=expected)
    except _FALLS_BACK as refused:
        return Reading(joined(rows), expected, _why(refused))


def read_chosen(org: Org, wanted: Wanted, *, key: str, ids: Collection[str]) -> Reading:
    """Every such record whose `key` is one of the ids. Raises `CrmError`."""
    way, rows, expected = "", Packed(), 0
    portions = _portions(wanted, key, sorted(ids))
    for number, portion in enumerate(portions):
        count, found = org.counted(portion.soql)
        if number == 0 and (likely := _likely(portions, count)) > REQUESTS_AROUND_A_JOB:
            total = org.count(wanted.count)
            if _requests_in_bulk(total) < likely:
                try:
                    return _in_bulk(org, wanted, expected=total, key=key, ids=ids)
                except _FALLS_BACK as refused:
                    way = _why(refused)
        expected += count
        rows.add_all(found)
    return Reading(rows, expected, way)


def _likely(portions: list[Wanted], count: int) -> int:
    """How many requests all portions take, if all have as many records as the first."""
    return len(portions) * max(1, -(-count // ROWS_PER_QUERY_PAGE))


def _requests_in_bulk(rows: int) -> int:
    return REQUESTS_AROUND_A_JOB - (-rows // bulk.ROWS_PER_PAGE)


def _in_bulk(
    org: Org, wanted: Wanted, *, expected: int, key: str = "", ids: Collection[str] = ()
) -> Reading:
    """Read all by a job and keep those chosen. Counted again when the numbers differ: a job takes
    its time. What the job did not list counts as missing, chosen or not."""
    known, chosen = org.fields_of(wanted.object_name), frozenset(ids)
    fields = {name: known.get(name, "") for name in wanted.fields}
    kept, listed = Packed(), 0
    for page in bulk.read(org, wanted.soql):
        for told in page:
            row = bulk.typed(told, fields)
            listed += 1
            if not key or row[key] in chosen:
                kept.add(row)
    if listed != expected:
        expected = org.count(wanted.count)
    return Reading(kept, len(kept) + expected - listed, "Read by one bulk job.")


def _portions(wanted: Wanted, key: str, ids: list[str]) -> list[Wanted]:
    also = f"{wanted.where} AND " if wanted.where else ""
    chosen = (ids[start : start + IDS_PER_QUERY] for start in range(0, len(ids), IDS_PER_QUERY))
    return [
        replace(wanted, where=f"{also}{key} IN ({', '.join(map(quoted, some))})") for some in chosen
    ]


def _why(refused: errors.CrmError) -> str:
    code = refused.data.get("error_code") or refused.code
    return f"Read by query pages, because a bulk job did not do it ({code})."
