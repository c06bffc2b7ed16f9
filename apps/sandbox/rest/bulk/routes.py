"""Where the jobs hang."""

from collections.abc import Callable

from apps.sandbox.rest.bulk import ingest, query
from apps.sandbox.rest.bulk.jobs import delete_job, jobs_of
from apps.sandbox.wire import Answer

Handler = Callable[..., Answer]


def _list(kind: str) -> Handler:
    return lambda context: jobs_of(context, kind)


def _delete(kind: str) -> Handler:
    return lambda context, job_id: delete_job(context, kind, job_id)


TABLE: tuple[tuple[str, dict[str, Handler]], ...] = (
    ("/jobs/ingest", {"GET": _list("ingest"), "POST": ingest.create}),
    (
        "/jobs/ingest/([^/]+)",
        {"GET": ingest.look, "PATCH": ingest.close, "DELETE": _delete("ingest")},
    ),
    ("/jobs/ingest/([^/]+)/batches", {"PUT": ingest.upload}),
    ("/jobs/ingest/([^/]+)/successfulResults", {"GET": ingest.successful}),
    ("/jobs/ingest/([^/]+)/failedResults", {"GET": ingest.failed}),
    ("/jobs/ingest/([^/]+)/unprocessedrecords", {"GET": ingest.unprocessed}),
    ("/jobs/query", {"GET": _list("query"), "POST": query.create}),
    (
        "/jobs/query/([^/]+)",
        {"GET": query.look, "PATCH": query.abort, "DELETE": _delete("query")},
    ),
    ("/jobs/query/([^/]+)/results", {"GET": query.results}),
)
