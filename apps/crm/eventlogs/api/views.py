"""Event logs over the API: the same reads and services as the pages."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.pagination import KeysetPagination
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.crm import selectors
from apps.crm.eventlogs import checking, retention, taking
from apps.crm.eventlogs.api import shapes
from apps.crm.eventlogs.coverage import covered, types_of_calls
from apps.crm.eventlogs.file_views import change_days
from apps.crm.eventlogs.files import list_files
from apps.crm.eventlogs.search import PERIODS, page_of, read_search
from apps.crm.eventlogs.words import sentence_of
from apps.crm.models import LogWatch
from apps.tenancy.views import acting

_TEXTS = ("from", "until", "app", "user", "address", "kind", "request", "before")


class LogSearch(APIView):
    """Events of one org, newest first. Without a period or ends: the last 24 hours."""

    @extend_schema(
        operation_id="event_logs_search",
        parameters=[
            OpenApiParameter("period", str, enum=list(PERIODS)),
            *(OpenApiParameter(name, str) for name in _TEXTS),
        ],
        responses=shapes.LogSearchSerializer,
    )
    def get(self, request: Request, connection_id: UUID) -> Response:
        org = selectors.get_connection_for(
            actor=acting(request._request), connection_id=connection_id
        )
        search = read_search(request.query_params, now=database_now())
        found = page_of(search.rows(org), before=request.query_params.get("before", ""))
        since, until = search.since, search.until
        counted = (search.kind,) if search.kind else types_of_calls(org)
        observed = covered(org, counted, since=since, until=until)
        watch = LogWatch.objects.filter(connection=org).first()
        told = {
            "since": since,
            "until": until,
            "observed": [{"since": start, "until": end} for start, end in observed],
            "words": sentence_of(watch, observed, since=since, until=until),
            "results": found.rows,
            "next": found.older,
        }
        return Response(shapes.LogSearchSerializer(told).data)


class LogFileList(APIView):
    """Every delivery of an org, the latest time first; a POST asks for new files now."""

    @extend_schema(
        operation_id="event_log_files_list", responses=shapes.LogFileSerializer(many=True)
    )
    def get(self, request: Request, connection_id: UUID) -> Response:
        org = selectors.get_connection_for(
            actor=acting(request._request), connection_id=connection_id
        )
        pages = KeysetPagination()
        rows = pages.paginate_queryset(list_files(org), request, view=self)
        return pages.get_paginated_response(shapes.LogFileSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="event_log_files_take",
        request=None,
        responses={202: shapes.LogWatchSerializer},
    )
    def post(self, request: Request, connection_id: UUID) -> Response:
        watch = taking.ask_for_logs(
            actor=acting(request._request), connection_id=connection_id, now=database_now()
        )
        return Response(shapes.LogWatchSerializer(watch).data, status=202)


class LogFileCheck(APIView):
    """Compare a kept file's content and rows with what the ledger recorded of it."""

    @extend_schema(
        operation_id="event_log_files_check", request=None, responses=shapes.LogFileSerializer
    )
    def post(self, request: Request, file_id: UUID) -> Response:
        file = checking.check_file(
            actor=acting(request._request), file_id=file_id, now=database_now()
        )
        return Response(shapes.LogFileSerializer(file).data)


class Keeping(APIView):
    """For how long event logs are kept."""

    @extend_schema(operation_id="event_log_keeping_read", responses=shapes.KeepingSerializer)
    def get(self, request: Request) -> Response:
        return _kept()

    @extend_schema(
        operation_id="event_log_keeping_change",
        request=shapes.KeepSerializer,
        responses=shapes.KeepingSerializer,
    )
    def put(self, request: Request) -> Response:
        asked = read_body(shapes.KeepSerializer, request)
        change_days(request._request, str(asked["days"]), now=database_now(), code=asked["code"])
        return _kept()


def _kept() -> Response:
    told = {
        "days": retention.days_kept(),
        "held": retention.is_held(),
        "due_files": retention.due_files(now=database_now()).count(),
    }
    return Response(shapes.KeepingSerializer(told).data)
