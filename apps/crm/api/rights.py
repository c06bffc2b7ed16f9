"""Rights on one org over the API: who holds which, giving and taking them."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.clock import database_now
from apps.crm import policies, selectors, services
from apps.crm.models import Connection
from apps.tenancy.selectors import list_members
from apps.tenancy.views import acting


class RightsSerializer(serializers.Serializer[Any]):
    """A member, the rights held on the org, and those that the member's roles come with."""

    user_id = serializers.UUIDField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    held = serializers.ListField(child=serializers.CharField())
    due = serializers.ListField(child=serializers.CharField())


class RightsList(APIView):
    """Every member of the tenant and their rights on an org, by name."""

    @extend_schema(operation_id="rights_list", responses=RightsSerializer(many=True))
    def get(self, request: Request, connection_id: UUID) -> Response:
        return _rights(request, connection_id)


class GiveRights(APIView):
    """Give a member the rights on an org that their roles come with."""

    @extend_schema(operation_id="rights_give", request=None, responses=RightsSerializer(many=True))
    def post(self, request: Request, connection_id: UUID, user_id: UUID) -> Response:
        services.give_rights(
            actor=acting(request._request),
            connection_id=connection_id,
            user_id=user_id,
            now=database_now(),
        )
        return _rights(request, connection_id)


class TakeRights(APIView):
    """Take all of a member's rights on an org."""

    @extend_schema(operation_id="rights_take", request=None, responses=RightsSerializer(many=True))
    def post(self, request: Request, connection_id: UUID, user_id: UUID) -> Response:
        services.take_rights(
            actor=acting(request._request),
            connection_id=connection_id,
            user_id=user_id,
            now=database_now(),
        )
        return _rights(request, connection_id)


def _rights(request: Request, connection_id: UUID) -> Response:
    actor = acting(request._request)
    found = selectors.get_connection_for(actor=actor, connection_id=connection_id)
    return Response(RightsSerializer(_lines(found), many=True).data)


def _lines(connection: Connection) -> list[dict[str, Any]]:
    held = selectors.list_rights(connection)
    return [
        {
            "user_id": member.user.pk,
            "name": member.user.name,
            "roles": sorted(member.roles),
            "held": sorted(held.get(member.user.pk, ())),
            "due": sorted(policies.rights_for(member.roles)),
        }
        for member in list_members()
    ]
