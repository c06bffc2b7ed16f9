"""Who sees which packs, over the API: for who manages members."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api.serializers import CodeSerializer
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.evidence import limiting, selectors
from apps.tenancy.identity import acting

MOST_NAMED = 1_000


class NamedPackSerializer(serializers.Serializer[Any]):
    """A pack by its id and title."""

    id = serializers.UUIDField()
    title = serializers.CharField()


class ReaderSerializer(serializers.Serializer[Any]):
    """Somebody who may export. `packs` are those that they are limited to; null means all."""

    user_id = serializers.UUIDField(source="member.user.pk")
    name = serializers.CharField(source="member.user.name")
    packs = NamedPackSerializer(many=True, allow_null=True)


class LimitSerializer(CodeSerializer):
    """The ids of the packs to be seen, at least one; null lets the person see every pack."""

    packs = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, max_length=MOST_NAMED
    )


class ReaderList(APIView):
    """Everybody who may export, by name."""

    @extend_schema(operation_id="packs_readers_list", responses=ReaderSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(ReaderSerializer(selectors.list_readers(), many=True).data)


class ReaderLimit(APIView):
    """The packs that one person sees."""

    @extend_schema(
        operation_id="packs_readers_limit", request=LimitSerializer, responses=ReaderSerializer
    )
    def put(self, request: Request, user_id: UUID) -> Response:
        """Limit the person to these packs, or lift the limit, against a fresh code."""
        asked = read_body(LimitSerializer, request)
        reader = limiting.limit_packs(
            actor=acting(request._request),
            user_id=user_id,
            pack_ids=asked["packs"],
            code=asked["code"],
            now=database_now(),
        )
        return Response(ReaderSerializer(reader).data)
