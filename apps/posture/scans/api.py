"""Metadata scans over the API: the same services as the pages."""

import json
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.pagination import KeysetPagination
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.common.errors import Conflict, Invalid
from apps.posture.models import Scan, ScanFinding
from apps.posture.scan.rules import RULES
from apps.posture.scans import exporting, report, selectors, services, shapes
from apps.posture.scans.asking import upload_of
from apps.posture.scans.seen import hosts_seen, seen_by
from apps.tenancy.views import acting


class ScanList(APIView):
    """The tenant's scans, newest first; asking for one of an uploaded zip."""

    parser_classes = (MultiPartParser,)

    @extend_schema(operation_id="scans_list", responses=shapes.ScanSerializer(many=True))
    def get(self, request: Request) -> Response:
        pages = KeysetPagination()
        found = pages.paginate_queryset(selectors.list_scans(), request, view=self)
        return pages.get_paginated_response(shapes.ScanSerializer(found, many=True).data)

    @extend_schema(
        operation_id="scans_upload",
        request={"multipart/form-data": shapes.UploadSerializer},
        responses={202: shapes.ScanSerializer},
    )
    def post(self, request: Request) -> Response:
        given = read_body(shapes.UploadSerializer, request)
        name, data = upload_of(request._request, given.get("archive"))
        return _begun(
            services.scan_upload(
                actor=acting(request._request),
                name=name,
                data=data,
                connection_id=given.get("connection"),
                covers_all=given["covers_all"],
                now=database_now(),
            )
        )


class OrgScan(APIView):
    """Asks for a scan of what an org tells by its Tooling API."""

    @extend_schema(
        operation_id="scans_read_org", request=None, responses={202: shapes.ScanSerializer}
    )
    def post(self, request: Request, connection_id: UUID) -> Response:
        return _begun(
            services.scan_org(
                actor=acting(request._request), connection_id=connection_id, now=database_now()
            )
        )


class ScanDetail(APIView):
    """One scan: its state and how far it is."""

    @extend_schema(operation_id="scans_read", responses=shapes.ScanSerializer)
    def get(self, request: Request, scan_id: UUID) -> Response:
        found = selectors.get_scan_for(actor=acting(request._request), scan_id=scan_id)
        return Response(shapes.ScanSerializer(found).data)


class ScanCancel(APIView):
    """Calls a scan off; nothing of it is kept."""

    @extend_schema(operation_id="scans_cancel", request=None, responses=shapes.ScanSerializer)
    def post(self, request: Request, scan_id: UUID) -> Response:
        actor = acting(request._request)
        ended = services.cancel_scan(actor=actor, scan_id=scan_id, now=database_now())
        return Response(shapes.ScanSerializer(ended).data)


class ScanReport(APIView):
    """What a finished scan saw, in short, and what changed since the scan before."""

    @extend_schema(operation_id="scans_report", responses=shapes.ScanReportSerializer)
    def get(self, request: Request, scan_id: UUID) -> Response:
        return Response(shapes.ScanReportSerializer(seen_by(_finished(request, scan_id))).data)


class ScanAddresses(APIView):
    """Where data can go: one entry a host, what needs somebody first."""

    @extend_schema(operation_id="scans_addresses", responses=shapes.ScanHostSerializer(many=True))
    def get(self, request: Request, scan_id: UUID) -> Response:
        hosts = hosts_seen(_finished(request, scan_id))
        return Response([shapes.ScanHostSerializer(host).data for host in hosts])


class ScanFindings(APIView):
    """What a scan found, by place."""

    @extend_schema(
        operation_id="scans_findings",
        parameters=[
            OpenApiParameter("level", str, enum=report.LEVELS),
            OpenApiParameter("rule", str, enum=list(RULES)),
        ],
        responses=shapes.ScanFindingSerializer(many=True),
    )
    def get(self, request: Request, scan_id: UUID) -> Response:
        rows = ScanFinding.objects.filter(scan=_finished(request, scan_id), **_narrowed(request))
        pages = KeysetPagination()
        found = pages.paginate_queryset(rows.order_by("path", "line", "id"), request, view=self)
        return pages.get_paginated_response(shapes.ScanFindingSerializer(found, many=True).data)


class ScanSarif(APIView):
    """The report as SARIF 2.1.0, against a fresh code. Recorded, as every download is."""

    @extend_schema(
        operation_id="scans_sarif",
        request=shapes.ScanCodeSerializer,
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, scan_id: UUID) -> Response:
        given = read_body(shapes.ScanCodeSerializer, request)
        name, text = exporting.export_scan(
            actor=acting(request._request), scan_id=scan_id, code=given["code"], now=database_now()
        )
        sent = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(json.loads(text), headers=sent)


def _begun(scan: Scan) -> Response:
    return Response(shapes.ScanSerializer(scan).data, status=202)


def _finished(request: Request, scan_id: UUID) -> Scan:
    found = selectors.get_scan_for(actor=acting(request._request), scan_id=scan_id)
    if found.state not in Scan.FINISHED:
        raise Conflict("This scan has no report: it is under way, failed or was called off.")
    return found


def _narrowed(request: Request) -> dict[str, Any]:
    wanted = {}
    for field, known in (("level", report.LEVELS), ("rule", tuple(RULES))):
        asked = request.query_params.get(field, "")
        if asked and asked not in known:
            raise Invalid(
                f"There is no such {field}. Choose one of {', '.join(known)}.", field=field
            )
        if asked:
            wanted[field] = asked
    return wanted
