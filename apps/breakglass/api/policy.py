"""The rules emergencies follow, over the API."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import services as accounts
from apps.breakglass import services
from apps.breakglass.models import EmergencyPolicy
from apps.breakglass.services.policy import POLICY_DECISION, policy_subject
from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.tenancy.views import acting


class EmergencyPolicyIn(serializers.Serializer[Any]):
    """A new version, after the version that was read, with a fresh code."""

    after_version = serializers.IntegerField(min_value=1)
    legal_quorum = serializers.IntegerField(min_value=1, max_value=20)
    it_quorum = serializers.IntegerField(min_value=1, max_value=20)
    max_minutes = serializers.IntegerField(min_value=1, max_value=1440)
    spooling = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Whether reads go on, kept and signed on the host's disk, while the ledger cannot"
        " be written. Left out: as before.",
    )
    code = serializers.CharField(max_length=16)


class EmergencyPolicyOut(serializers.ModelSerializer[EmergencyPolicy]):
    """The version in force."""

    max_minutes = serializers.SerializerMethodField()

    class Meta:
        model = EmergencyPolicy
        fields = ["version", "legal_quorum", "it_quorum", "max_minutes", "max_records", "spooling"]
        read_only_fields = fields

    def get_max_minutes(self, policy: EmergencyPolicy) -> int:
        return int(policy.max_duration.total_seconds()) // 60


class Policy(APIView):
    """Read the rules; POST makes a new version. Requests keep the version they were made under."""

    @extend_schema(operation_id="emergency_policy_read", responses=EmergencyPolicyOut)
    def get(self, request: Request) -> Response:
        actor = acting(request._request)
        policy = services.policy_in_force(actor=actor, now=database_now())
        return Response(EmergencyPolicyOut(policy).data)

    @extend_schema(
        operation_id="emergency_policy_set",
        request=EmergencyPolicyIn,
        responses={201: EmergencyPolicyOut},
    )
    def post(self, request: Request) -> Response:
        actor, now = acting(request._request), database_now()
        wanted = read_body(EmergencyPolicyIn, request)
        factor = accounts.prove(
            user=actor,
            code=wanted["code"],
            decision=POLICY_DECISION,
            subject=policy_subject(wanted["after_version"]),
            now=now,
        )
        policy = services.set_policy(
            actor=actor,
            factor=factor,
            legal_quorum=wanted["legal_quorum"],
            it_quorum=wanted["it_quorum"],
            max_duration=timedelta(minutes=wanted["max_minutes"]),
            spooling=wanted["spooling"],
            now=now,
        )
        return Response(EmergencyPolicyOut(policy).data, status=201)
