"""Field classes and rules of the draft. Nothing here decides before the draft is published."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.residency import rules, selectors, services
from apps.residency.api import serializers
from apps.residency.models import FieldClass
from apps.tenancy.views import acting


@extend_schema_view(get=extend_schema(operation_id="policy_fields_list"))
class Fields(generics.ListAPIView[FieldClass]):
    """Classified fields as the next version will hold them; POST classifies one."""

    serializer_class = serializers.FieldClassOut

    def get_queryset(self) -> QuerySet[FieldClass]:
        return selectors.list_field_classes()

    @extend_schema(
        operation_id="policy_fields_classify",
        request=serializers.FieldClassIn,
        responses=serializers.FieldClassOut,
    )
    def post(self, request: Request) -> Response:
        given = read_body(serializers.FieldClassIn, request)
        row = services.classify_field(actor=acting(request._request), now=database_now(), **given)
        return Response(serializers.FieldClassOut(row).data)


class Rules(APIView):
    """The draft's rules, or those in force while there is no draft; POST adds one to the draft."""

    @extend_schema(operation_id="policy_rules_list", responses=serializers.RulesOut)
    def get(self, request: Request) -> Response:
        version = selectors.current_draft() or selectors.current_version()
        shown = {
            "number": version.number if version else None,
            "state": version.state if version else None,
            "rules": selectors.list_rules(version),
        }
        return Response(serializers.RulesOut(shown).data)

    @extend_schema(
        operation_id="policy_rules_add",
        request=serializers.RuleIn,
        responses={201: serializers.RuleOut},
    )
    def post(self, request: Request) -> Response:
        given = read_body(serializers.RuleIn, request)
        row = rules.add_rule(
            actor=acting(request._request), rule=rules.RuleInput(**given), now=database_now()
        )
        return Response(serializers.RuleOut(row).data, status=201)


class RemoveRule(APIView):
    """Take a rule out of the draft."""

    @extend_schema(operation_id="policy_rules_remove", request=None, responses={204: None})
    def post(self, request: Request, name: str) -> Response:
        rules.remove_rule(actor=acting(request._request), name=name, now=database_now())
        return Response(status=204)
