"""Comparisons with event logs over the API, and the thresholds of volume."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.pagination import KeysetPagination
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.crm import selectors as crm
from apps.posture.models import LogComparison
from apps.posture.reconcile.looking import list_comparisons
from apps.posture.volume.baseline import Limits
from apps.posture.volume.thresholds import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    MOST_CALLS,
    change_thresholds,
    limits_of_tenant,
)
from apps.tenancy.views import acting


class LogComparisonSerializer(serializers.ModelSerializer[LogComparison]):
    """One look. The lists are cut at a hundred; the counts are whole. `words` and `volume_words`
    say what is unknown, and why."""

    deviations = serializers.ListField(child=serializers.DictField(), read_only=True)
    unrecorded = serializers.ListField(child=serializers.DictField(), read_only=True)
    unseen = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = LogComparison
        fields = (
            "id", "connection_id", "looked_at", "since", "until", "observed_hours",
            "volume_words", "volume_apps", "volume_hours", "deviations",
            "words", "matched", "unrecorded_count", "unrecorded", "unseen_count", "unseen",
            "pending_count",
        )  # fmt: skip
        read_only_fields = fields


class ThresholdsSerializer(serializers.Serializer[Limits]):
    """From which score on, and with how many calls of difference, an hour is unusual."""

    score = serializers.FloatField(min_value=LOWEST_SCORE, max_value=HIGHEST_SCORE)
    least_calls = serializers.IntegerField(min_value=1, max_value=MOST_CALLS)


class ComparisonList(APIView):
    """Looks at an org's event logs, newest first."""

    @extend_schema(
        operation_id="event_log_comparisons_list", responses=LogComparisonSerializer(many=True)
    )
    def get(self, request: Request, connection_id: UUID) -> Response:
        org = crm.get_connection_for(actor=acting(request._request), connection_id=connection_id)
        pages = KeysetPagination()
        rows = pages.paginate_queryset(list_comparisons(org), request, view=self)
        return pages.get_paginated_response(LogComparisonSerializer(rows, many=True).data)


class Thresholds(APIView):
    """From when on an app's volume is unusual."""

    @extend_schema(operation_id="volume_thresholds_read", responses=ThresholdsSerializer)
    def get(self, request: Request) -> Response:
        return Response(ThresholdsSerializer(limits_of_tenant()).data)

    @extend_schema(
        operation_id="volume_thresholds_change",
        request=ThresholdsSerializer,
        responses=ThresholdsSerializer,
    )
    def put(self, request: Request) -> Response:
        asked = read_body(ThresholdsSerializer, request)
        change_thresholds(actor=acting(request._request), now=database_now(), **asked)
        return Response(ThresholdsSerializer(limits_of_tenant()).data)
