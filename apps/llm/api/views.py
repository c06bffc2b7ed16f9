"""Listing and registering endpoints. Keys go in and never come out."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.clock import database_now
from apps.llm import selectors, services
from apps.llm.models import Endpoint
from apps.tenancy.views import acting


class EndpointOut(serializers.ModelSerializer[Endpoint]):
    """An endpoint without its key."""

    class Meta:
        model = Endpoint
        fields = [
            "id",
            "name",
            "base_url",
            "zone",
            "model",
            "state",
            "health",
            "checked_at",
            "created_at",
        ]


class EndpointIn(serializers.Serializer[Any]):
    """An endpoint to register."""

    name = serializers.CharField(max_length=80)
    base_url = serializers.CharField(max_length=200)
    zone_id = serializers.UUIDField()
    model = serializers.CharField(max_length=120)
    api_key = serializers.CharField(max_length=500, write_only=True)


class Endpoints(generics.ListAPIView[Endpoint]):
    """The tenant's endpoints; POST registers one and checks it in the background."""

    serializer_class = EndpointOut

    def get_queryset(self) -> QuerySet[Endpoint]:
        return selectors.list_endpoints()

    @extend_schema(request=EndpointIn, responses={201: EndpointOut})
    def post(self, request: Request) -> Response:
        form = EndpointIn(data=request.data)
        form.is_valid(raise_exception=True)
        endpoint = services.register_endpoint(
            actor=acting(request._request), now=database_now(), **form.validated_data
        )
        return Response(EndpointOut(endpoint).data, status=status.HTTP_201_CREATED)
