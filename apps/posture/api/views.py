"""Apps, deviations and approvals over the API."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.common.errors import NotFound
from apps.crm import selectors as crm
from apps.posture import policies, selectors, services
from apps.posture.api.serializers import (
    BaselineConfirmationSerializer,
    BaselineSerializer,
    ComparisonSerializer,
)
from apps.posture.comparison import DEVIATES, Comparison
from apps.tenancy.views import acting


class AppList(APIView):
    """Apps of an org's latest snapshot beside their baselines."""

    @extend_schema(operation_id="apps_list", responses=ComparisonSerializer(many=True))
    def get(self, request: Request, connection_id: UUID) -> Response:
        found = _compared(request, connection_id)
        return Response([ComparisonSerializer(each).data for each in found])


class DeviationList(APIView):
    """Only the apps that hold more or less than was approved."""

    @extend_schema(operation_id="deviations_list", responses=ComparisonSerializer(many=True))
    def get(self, request: Request, connection_id: UUID) -> Response:
        found = [each for each in _compared(request, connection_id) if each.standing == DEVIATES]
        return Response([ComparisonSerializer(each).data for each in found])


class BaselineApproval(APIView):
    """Approves the scopes that an app of the latest snapshot holds, against a fresh code."""

    @extend_schema(
        operation_id="baselines_approve",
        request=BaselineConfirmationSerializer,
        responses={201: BaselineSerializer},
    )
    def post(self, request: Request, app_id: UUID) -> Response:
        given = read_body(BaselineConfirmationSerializer, request)
        actor, now = acting(request._request), database_now()
        app = selectors.get_app_for(actor=actor, app_id=app_id)
        policies.may_approve_baseline(actor, app).require()
        factor = accounts.prove(
            user=actor,
            code=given["code"],
            decision=services.DECISION,
            subject=services.content_hash(app),
            now=now,
        )
        baseline, event = services.approve_baseline(actor=actor, app=app, factor=factor, now=now)
        shown = {**BaselineSerializer(baseline).data, "event_id": str(event.pk)}
        return Response(shown, status=201)


def _compared(request: Request, connection_id: UUID) -> list[Comparison]:
    org = crm.get_connection_for(actor=acting(request._request), connection_id=connection_id)
    snapshot = crm.latest_snapshot(org)
    if snapshot is None:
        raise NotFound("This org has no snapshot yet. Take one first.")
    return selectors.compare_snapshot(snapshot)
