"""Listing, registering and checking endpoints. Keys go in and never come out."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
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
    """An endpoint to register, with a fresh one-time code."""

    name = serializers.CharField(max_length=80)
    base_url = serializers.CharField(max_length=200)
    zone_id = serializers.UUIDField()
    model = serializers.CharField(max_length=120)
    api_key = serializers.CharField(max_length=500, write_only=True)
    code = serializers.CharField(max_length=12, write_only=True)


class Endpoints(generics.ListAPIView[Endpoint]):
    """The tenant's endpoints; POST registers one and checks it in the background."""

    serializer_class = EndpointOut

    def get_queryset(self) -> QuerySet[Endpoint]:
        return selectors.list_endpoints()

    @extend_schema(request=EndpointIn, responses={201: EndpointOut})
    def post(self, request: Request) -> Response:
        endpoint = services.register_endpoint(
            actor=acting(request._request), now=database_now(), **read_body(EndpointIn, request)
        )
        return Response(EndpointOut(endpoint).data, status=status.HTTP_201_CREATED)


class OneEndpoint(APIView):
    """One endpoint and its health."""

    @extend_schema(operation_id="endpoints_read", responses=EndpointOut)
    def get(self, request: Request, endpoint_id: UUID) -> Response:
        endpoint = selectors.get_endpoint_for(
            actor=acting(request._request), endpoint_id=endpoint_id
        )
        return Response(EndpointOut(endpoint).data)


class Check(APIView):
    """Check an endpoint in the background; read it to see the outcome."""

    @extend_schema(operation_id="endpoints_check", request=None, responses={202: EndpointOut})
    def post(self, request: Request, endpoint_id: UUID) -> Response:
        endpoint = services.recheck_endpoint(
            actor=acting(request._request), endpoint_id=endpoint_id
        )
        return Response(EndpointOut(endpoint).data, status=status.HTTP_202_ACCEPTED)
