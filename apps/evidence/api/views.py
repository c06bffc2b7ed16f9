"""Packs over the API."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.evidence import selectors, services
from apps.evidence.keys import sealing_authority
from apps.evidence.models import Language, Pack
from apps.evidence.purposes import ALL
from apps.tenancy.views import acting


class PackSerializer(serializers.ModelSerializer[Pack]):
    """A pack and how far it is."""

    class Meta:
        model = Pack
        fields = (
            "id", "title", "purpose", "subject_id", "subject_name", "language",
            "first_date", "last_date", "state", "step", "steps_done", "steps_total",
            "trouble", "requested_at", "finished_at", "sha256", "size_bytes", "event_count",
        )  # fmt: skip
        read_only_fields = fields


class PackRequestSerializer(serializers.Serializer[None]):
    """A purpose with a subject needs `subject` (for `incident` the id of an org); `period`,
    `processing-record` and `incident` need whole days in UTC, both included."""

    title = serializers.CharField(max_length=services.TITLE_LENGTH)
    purpose = serializers.ChoiceField([each.code for each in ALL], default="period")
    first = serializers.DateField(required=False)
    last = serializers.DateField(required=False)
    subject = serializers.UUIDField(required=False, source="subject_id")
    language = serializers.ChoiceField(Language.choices, required=False)


class RootSerializer(serializers.Serializer[Any]):
    """A certificate as PEM, and the SHA-256 that people compare."""

    pem = serializers.CharField()
    fingerprint = serializers.CharField()


class PackList(APIView):
    """The tenant's packs."""

    @extend_schema(operation_id="packs_list", responses=PackSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(
            PackSerializer(selectors.list_packs_for(acting(request._request))[:200], many=True).data
        )

    @extend_schema(
        operation_id="packs_request", request=PackRequestSerializer, responses={202: PackSerializer}
    )
    def post(self, request: Request) -> Response:
        asked = read_body(PackRequestSerializer, request)
        pack = services.request_pack(actor=acting(request._request), now=database_now(), **asked)
        return Response(PackSerializer(pack).data, status=202)


class PackDetail(APIView):
    """One pack."""

    @extend_schema(operation_id="packs_read", responses=PackSerializer)
    def get(self, request: Request, pack_id: UUID) -> Response:
        pack = selectors.get_pack_for(actor=acting(request._request), pack_id=pack_id)
        return Response(PackSerializer(pack).data)


class PackRetry(APIView):
    """Make a failed pack again."""

    @extend_schema(operation_id="packs_retry", request=None, responses={202: PackSerializer})
    def post(self, request: Request, pack_id: UUID) -> Response:
        pack = services.retry_pack(
            actor=acting(request._request), pack_id=pack_id, now=database_now()
        )
        return Response(PackSerializer(pack).data, status=202)


class PackRoot(APIView):
    """The sealing authority's root certificate, to be compared by another way than the pack."""

    @extend_schema(operation_id="packs_root", responses=RootSerializer)
    def get(self, request: Request) -> Response:
        authority = sealing_authority(database_now())
        shown = {"pem": authority.root_pem.decode(), "fingerprint": authority.root_fingerprint}
        return Response(RootSerializer(shown).data)
