"""The control catalogue over the API."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.clock import database_now
from apps.evidence.catalogue import overview, selectors, services
from apps.evidence.catalogue.models import CheckRun
from apps.evidence.pack.content import RESULTS
from apps.tenancy.identity import acting


class RequirementSerializer(serializers.Serializer[Any]):
    """A requirement of a law or standard, in a few words."""

    key = serializers.CharField()
    framework = serializers.CharField(source="framework_name")
    number = serializers.CharField(source="label")
    title = serializers.CharField()


class CheckSerializer(serializers.Serializer[Any]):
    """A check and its last result; `at` is null for one that never ran."""

    name = serializers.CharField(source="check.name")
    question = serializers.CharField(source="check.question")
    result = serializers.ChoiceField(choices=RESULTS)
    sentence = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class ControlSerializer(serializers.Serializer[Any]):
    """A control with its requirements and checks. Planned means that no check looks at it yet."""

    id = serializers.CharField(source="control.id")
    area = serializers.CharField(source="control.area_title")
    title = serializers.CharField(source="control.title")
    statement = serializers.CharField(source="control.statement")
    status = serializers.SerializerMethodField()
    result = serializers.ChoiceField(choices=RESULTS)
    requirements = RequirementSerializer(source="control.requirements", many=True)
    checks = CheckSerializer(many=True)

    def get_status(self, standing: selectors.ControlStanding) -> str:
        return "planned" if standing.is_planned else "implemented"


class CheckRunSerializer(serializers.ModelSerializer[CheckRun]):
    """A run of all checks; `finished_at` is null until there are results."""

    class Meta:
        model = CheckRun
        fields = ("id", "asked_at", "finished_at")
        read_only_fields = fields


class ControlList(APIView):
    """The catalogue."""

    @extend_schema(
        operation_id="controls_list",
        parameters=[
            OpenApiParameter("result", str, enum=overview.FILTERS),
            OpenApiParameter("requirement", str, description="For instance `gdpr:32(1)(b)`."),
        ],
        responses=ControlSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Every control with its requirements, its checks and their last results."""
        query = request.query_params
        wanted = overview.read_filter(query.get("result", ""), query.get("requirement", ""))
        standings = selectors.results_for().values()
        return Response(
            ControlSerializer([each for each in standings if wanted.fits(each)], many=True).data
        )


class ControlRun(APIView):
    """Run all checks now."""

    @extend_schema(operation_id="controls_run", request=None, responses={202: CheckRunSerializer})
    def post(self, request: Request) -> Response:
        run = services.request_run(actor=acting(request._request), now=database_now())
        return Response(CheckRunSerializer(run).data, status=202)
