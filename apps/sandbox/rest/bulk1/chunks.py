"""A query cut by ids: a batch for each stretch of the object's rows, whatever the query filters.

Bulk API developer guide, "PK Chunking Header": `Sforce-Enable-PKChunking: chunkSize=250000`, or
`TRUE` for 100,000; the batch that was sent is not processed itself.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from apps.sandbox.errors import ApiError
from apps.sandbox.rest.bulk1.jobs import Job
from apps.sandbox.rest.context import Context
from apps.sandbox.wire import Call

NOT_PROCESSED = "Not Processed"
_USUAL, _MOST = 100_000, 250_000
_SIZE = re.compile(r"chunksize\s*=\s*(\d+)", re.IGNORECASE)
_NOT_CUT = re.compile(r"\b(GROUP\s+BY|ORDER\s+BY|LIMIT|OFFSET)\b", re.IGNORECASE)


def size_asked_for(call: Call) -> int:
    """Rows in a chunk; 0 when the query is not to be cut."""
    told = call.headers.get("sforce-enable-pkchunking", "").strip()
    if not told or told.lower() == "false":
        return 0
    named = _SIZE.search(told)
    return min(int(named[1]), _MOST) if named and int(named[1]) else _USUAL


def parts_of(context: Context, job: Job, soql: str, *, size: int) -> Iterator[str]:
    """The queries of the chunks. Raises ApiError for a query that cannot be cut."""
    if _NOT_CUT.search(soql):
        raise ApiError(400, "InvalidBatch", "PK chunking takes no ordered or limited query")
    ids = sorted(str(row["Id"]) for row in context.org.records(job["object"]))
    starts: list[str | None] = [*ids[::size], None]
    for first, following in pairwise(starts):
        upper = f" AND Id < '{following}'" if following else ""
        yield _narrowed(soql, f"Id >= '{first}'{upper}")


def _narrowed(soql: str, condition: str) -> str:
    head, found, tail = re.split(r"(\bWHERE\b)", f"{soql} WHERE ", maxsplit=1, flags=re.IGNORECASE)
    filtered = tail.removesuffix(" WHERE ").strip()
    return f"{head.strip()} {found} {condition}" + (f" AND ({filtered})" if filtered else "")
