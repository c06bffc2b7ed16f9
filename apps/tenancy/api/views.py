"""People and roles over the API: the same services as the page."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.tenancy import selectors, services
from apps.tenancy.api.serializers import GiveRoleSerializer, MemberSerializer, TakeRoleSerializer
from apps.tenancy.identity import acting


class MemberList(APIView):
    """People of the tenant with their roles, by name."""

    @extend_schema(operation_id="members_list", responses=MemberSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(MemberSerializer(selectors.list_members(), many=True).data)

    @extend_schema(
        operation_id="members_give_role",
        description="Give a role to someone who has an account. They keep the roles they have.",
        request=GiveRoleSerializer,
        responses={201: MemberSerializer},
    )
    def post(self, request: Request) -> Response:
        asked = read_body(GiveRoleSerializer, request)
        membership = services.add_member_by_email(
            actor=acting(request._request), now=database_now(), **asked
        )
        member = selectors.get_member(user_id=membership.user_id)
        return Response(MemberSerializer(member).data, status=201)


class TakeRole(APIView):
    """Take one role away from a person. The last tenant admin stays."""

    @extend_schema(
        operation_id="members_take_role", request=TakeRoleSerializer, responses={204: None}
    )
    def post(self, request: Request, user_id: UUID, role: str) -> Response:
        given = read_body(TakeRoleSerializer, request)
        services.remove_member(
            actor=acting(request._request),
            user=selectors.get_member(user_id=user_id).user,
            role=role,
            code=given["code"],
            now=database_now(),
        )
        return Response(status=204)
