"""The overview over the API."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.clock import database_now
from apps.dashboard import selectors
from apps.dashboard.api.serializers import OverviewSerializer
from apps.tenancy.views import acting


class Overview(APIView):
    """How the tenant stands, and what waits for the reader. Shows what the reader may see."""

    @extend_schema(operation_id="overview_read", responses=OverviewSerializer)
    def get(self, request: Request) -> Response:
        inner = request._request
        held: frozenset[str] = inner.__dict__["powers"]
        found = selectors.overview(user=acting(inner), held=held, now=database_now())
        return Response(OverviewSerializer(found).data)
