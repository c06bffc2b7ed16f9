"""Zones, the policy, and asking it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.residency import drafting, selectors, services
from apps.residency.api import serializers
from apps.residency.compiled import hash_of
from apps.residency.decide import Flow, decide
from apps.residency.models import Zone
from apps.tenancy.views import acting


class Zones(generics.ListAPIView[Zone]):
    """The tenant's zones; adding one puts it into the draft."""

    serializer_class = serializers.ZoneOut

    def get_queryset(self) -> QuerySet[Zone]:
        return selectors.list_zones()

    @extend_schema(request=serializers.ZoneIn, responses={201: serializers.ZoneOut})
    def post(self, request: Request) -> Response:
        given = read_body(serializers.ZoneIn, request)
        zone = services.add_zone(actor=acting(request._request), now=database_now(), **given)
        return Response(serializers.ZoneOut(zone).data, status=status.HTTP_201_CREATED)


class OneZone(APIView):
    """A zone; POST says where it lies, in the draft until that is published."""

    @extend_schema(operation_id="zones_read", responses=serializers.ZoneOut)
    def get(self, request: Request, zone_id: UUID) -> Response:
        return Response(serializers.ZoneOut(selectors.get_zone(zone_id=zone_id)).data)

    @extend_schema(
        operation_id="zones_change", request=serializers.PlacesIn, responses=serializers.ZoneOut
    )
    def post(self, request: Request, zone_id: UUID) -> Response:
        given = read_body(serializers.PlacesIn, request)
        zone = services.change_zone(
            actor=acting(request._request), zone_id=zone_id, now=database_now(), **given
        )
        return Response(serializers.ZoneOut(zone).data)


class Policy(APIView):
    """The policy in force and the draft's changes; POST publishes the draft."""

    @extend_schema(responses=serializers.PolicyOut)
    def get(self, request: Request) -> Response:
        return Response(_policy())

    @extend_schema(request=serializers.PublishIn, responses=serializers.PolicyOut)
    def post(self, request: Request) -> Response:
        given = read_body(serializers.PublishIn, request)
        person, now = acting(request._request), database_now()
        factor = accounts.prove(
            user=person,
            code=given["code"],
            decision=services.PUBLISH,
            subject=given["content_hash"],
            now=now,
        )
        services.publish(actor=person, content_hash=given["content_hash"], factor=factor, now=now)
        return Response(_policy())


class Decide(APIView):
    """Ask the policy in force about a flow. Nothing is sent and nothing changes."""

    @extend_schema(request=serializers.FlowIn, responses=serializers.VerdictOut)
    def post(self, request: Request) -> Response:
        given = read_body(serializers.FlowIn, request)
        zone = given["destination_zone"]
        flow = Flow(
            object_name=given["object_name"],
            fields=tuple(given["field_names"]),
            subject_jurisdictions=tuple(given["subject_jurisdictions"]),
            purpose=given["purpose"],
            destination_zone=str(zone) if zone else None,
        )
        verdict = decide(flow, selectors.compiled_policy())
        return Response(serializers.VerdictOut(verdict).data)


def _policy() -> dict[str, Any]:
    current, draft = selectors.current_version(), selectors.current_draft()
    content = drafting.content_of_draft() if draft else None
    return {
        "number": current.number if current else None,
        "content_hash": current.content_hash if current else "",
        "published_at": current.published_at if current else None,
        "content": current.content if current else None,
        "draft_hash": hash_of(content) if content else "",
        "changes": drafting.difference(current, content) if content else [],
    }
