"""The events that a search found, as one file."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.ledger.listing import FORMS
from apps.ledger.search import Search
from apps.ledger.views.listing import as_download, take

FILE = {
    (200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY),
    (200, "application/jsonl"): OpenApiResponse(OpenApiTypes.BINARY),
}


class ListExportIn(serializers.Serializer[None]):
    """`csv` or `jsonl`; a fresh code."""

    form = serializers.ChoiceField(choices=list(FORMS))
    code = serializers.CharField(max_length=40)


class ListExport(APIView):
    """Events of the token's tenant, newest first, 10,000 at most; filters as for the list."""

    @extend_schema(
        operation_id="ledger_events_export",
        request=ListExportIn,
        parameters=[OpenApiParameter(name, str) for name in Search.__slots__],
        responses=FILE,
    )
    def post(self, request: Request) -> HttpResponse:
        given = read_body(ListExportIn, request)
        return as_download(take(request._request, form=given["form"], code=given["code"]))
