"""Orgs and snapshots over the API."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.pagination import KeysetPagination
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.crm import selectors, services
from apps.crm.api.serializers import (
    ConnectionSerializer,
    ConnectSerializer,
    SnapshotDetailSerializer,
    SnapshotSerializer,
)
from apps.tenancy.views import acting


class ConnectionList(APIView):
    """The tenant's orgs."""

    @extend_schema(operation_id="connections_list", responses=ConnectionSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(ConnectionSerializer(selectors.list_connections(), many=True).data)

    @extend_schema(
        operation_id="connections_create",
        request=ConnectSerializer,
        responses={201: ConnectionSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = read_body(ConnectSerializer, request)
        code = asked.pop("code")
        connection = services.connect_org(
            actor=acting(request._request),
            typed=services.Typed(**asked),
            code=code,
            now=database_now(),
        )
        return Response(ConnectionSerializer(connection).data, status=201)


class ConnectionDetail(APIView):
    """One org."""

    @extend_schema(operation_id="connections_read", responses=ConnectionSerializer)
    def get(self, request: Request, connection_id: UUID) -> Response:
        found = selectors.get_connection_for(
            actor=acting(request._request), connection_id=connection_id
        )
        return Response(ConnectionSerializer(found).data)


class ConnectionCheck(APIView):
    """Check an org again in the background; read the org to see the outcome."""

    @extend_schema(
        operation_id="connections_check", request=None, responses={202: ConnectionSerializer}
    )
    def post(self, request: Request, connection_id: UUID) -> Response:
        connection = services.request_check(
            actor=acting(request._request), connection_id=connection_id, now=database_now()
        )
        return Response(ConnectionSerializer(connection).data, status=202)


class ConnectionEnd(APIView):
    """Disconnect an org for good and forget its secrets; what was read from it stays."""

    @extend_schema(
        operation_id="connections_disconnect", request=None, responses=ConnectionSerializer
    )
    def post(self, request: Request, connection_id: UUID) -> Response:
        connection = services.disconnect_org(
            actor=acting(request._request), connection_id=connection_id, now=database_now()
        )
        return Response(ConnectionSerializer(connection).data)


class SnapshotList(APIView):
    """An org's snapshots, newest first; a POST asks for one."""

    @extend_schema(operation_id="snapshots_list", responses=SnapshotSerializer(many=True))
    def get(self, request: Request, connection_id: UUID) -> Response:
        found = selectors.get_connection_for(
            actor=acting(request._request), connection_id=connection_id
        )
        pages = KeysetPagination()
        rows = pages.paginate_queryset(selectors.list_snapshots(found), request, view=self)
        return pages.get_paginated_response(SnapshotSerializer(rows, many=True).data)

    @extend_schema(operation_id="snapshots_take", request=None, responses={202: SnapshotSerializer})
    def post(self, request: Request, connection_id: UUID) -> Response:
        snapshot = services.take_snapshot(
            actor=acting(request._request), connection_id=connection_id, now=database_now()
        )
        return Response(SnapshotSerializer(snapshot).data, status=202)


class SnapshotDetail(APIView):
    """One snapshot with its apps."""

    @extend_schema(operation_id="snapshots_read", responses=SnapshotDetailSerializer)
    def get(self, request: Request, snapshot_id: UUID) -> Response:
        found = selectors.get_snapshot_for(actor=acting(request._request), snapshot_id=snapshot_id)
        return Response(SnapshotDetailSerializer(found).data)
