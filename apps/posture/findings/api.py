"""Findings over the API: the same services as the pages."""

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.common.errors import Invalid
from apps.posture.findings import handling, reading, shapes
from apps.posture.models import Finding
from apps.tenancy.views import acting

FILTERS = ("show", "level", "source", "org")
KNOWN = {
    "show": reading.SHOWN,
    "level": Finding.Level.values,
    "source": Finding.Source.values,
}


class FindingList(APIView):
    """Findings, most serious first. Without `show`, those that need somebody."""

    @extend_schema(
        operation_id="findings_list",
        parameters=[
            OpenApiParameter("show", str, enum=reading.SHOWN),
            OpenApiParameter("level", str, enum=Finding.Level.values),
            OpenApiParameter("source", str, enum=Finding.Source.values),
            OpenApiParameter("org", str),
            OpenApiParameter("after", str),
        ],
        responses=shapes.FindingPageSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "") for name in FILTERS}
        _require_known(asked)
        rows = reading.list_findings(
            actor=acting(request._request), today=database_now().date(), **asked
        )
        found, cursor = reading.after(rows, request.query_params.get("after", ""))
        results = shapes.FindingSerializer(found, many=True).data
        return Response({"results": results, "next": cursor})


def _require_known(asked: dict[str, str]) -> None:
    """Raises `Invalid` for a filter that a program wrote wrong: it would believe what it reads."""
    for name, known in KNOWN.items():
        if asked[name] and asked[name] not in known:
            words = ", ".join(each for each in known if each)
            raise Invalid(f"`{name}` is one of {words}.", field=name)


class FindingDetail(APIView):
    """One finding."""

    @extend_schema(operation_id="findings_read", responses=shapes.FindingSerializer)
    def get(self, request: Request, finding_id: UUID) -> Response:
        actor = acting(request._request)
        return _told(reading.get_finding_for(actor=actor, finding_id=finding_id))


class FindingAssign(APIView):
    """Give a finding an owner and a day."""

    @extend_schema(
        operation_id="findings_assign",
        request=shapes.AssignmentSerializer,
        responses=shapes.FindingSerializer,
    )
    def post(self, request: Request, finding_id: UUID) -> Response:
        given = read_body(shapes.AssignmentSerializer, request)
        return _told(
            handling.assign_finding(
                actor=acting(request._request),
                finding_id=finding_id,
                owner_id=given["owner"],
                due_on=given["due_on"],
                now=database_now(),
            )
        )


class FindingAccept(APIView):
    """Live with a finding until a day, for a reason."""

    @extend_schema(
        operation_id="findings_accept",
        request=shapes.AcceptanceSerializer,
        responses=shapes.FindingSerializer,
    )
    def post(self, request: Request, finding_id: UUID) -> Response:
        given = read_body(shapes.AcceptanceSerializer, request)
        return _told(
            handling.accept_finding(
                actor=acting(request._request), finding_id=finding_id, now=database_now(), **given
            )
        )


class FindingBegin(APIView):
    """Say that a finding is being fixed."""

    @extend_schema(operation_id="findings_begin", request=None, responses=shapes.FindingSerializer)
    def post(self, request: Request, finding_id: UUID) -> Response:
        actor = acting(request._request)
        return _told(handling.begin_fixing(actor=actor, finding_id=finding_id, now=database_now()))


class FindingFixed(APIView):
    """Say that a finding is fixed; a later look proves it or opens it again."""

    @extend_schema(operation_id="findings_fixed", request=None, responses=shapes.FindingSerializer)
    def post(self, request: Request, finding_id: UUID) -> Response:
        actor = acting(request._request)
        return _told(handling.say_fixed(actor=actor, finding_id=finding_id, now=database_now()))


def _told(found: Finding) -> Response:
    return Response(shapes.FindingSerializer(found).data)
