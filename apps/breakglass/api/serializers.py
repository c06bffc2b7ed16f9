"""What the API reads and shows of a request."""

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.breakglass import policies, selectors
from apps.breakglass.models import Approval, Request
from apps.breakglass.models.approval import APPROVING_ROLES


class RequestIn(serializers.Serializer[Any]):
    """A request as it is asked for. The service checks the values; this checks the shape."""

    connection = serializers.UUIDField()
    scope = serializers.DictField(
        child=serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    )
    networks = serializers.ListField(child=serializers.CharField())
    minutes = serializers.IntegerField(min_value=1, max_value=1440)
    justification = serializers.CharField(trim_whitespace=False, allow_blank=True)
    case_reference = serializers.CharField(trim_whitespace=False, allow_blank=True)


class ApproveIn(serializers.Serializer[Any]):
    """A signature: the role, the content hash that was read, and a fresh code."""

    role = serializers.ChoiceField(choices=[role.value for role in APPROVING_ROLES])
    content_hash = serializers.CharField(max_length=64)
    code = serializers.CharField(max_length=16)


class DenyIn(serializers.Serializer[Any]):
    """A refusal and its reason."""

    reason = serializers.CharField(trim_whitespace=False, allow_blank=True)


class CodeIn(serializers.Serializer[Any]):
    """A fresh code."""

    code = serializers.CharField(max_length=16)


class TokenOut(serializers.Serializer[Any]):
    """The emergency token, shown once."""

    token = serializers.CharField()


class RecordOut(serializers.Serializer[Any]):
    """The approved fields of one record."""

    object = serializers.CharField()
    record = serializers.CharField()
    values = serializers.DictField()


class ApprovalOut(serializers.ModelSerializer[Approval]):
    """One signature, standing or void."""

    class Meta:
        model = Approval
        fields = ["id", "by", "role", "at", "expires_at", "voided_at", "void_reason"]
        read_only_fields = fields


class RequestOut(serializers.ModelSerializer[Request]):
    """A request as its readers may see it; the reason only for those who decide or audit."""

    minutes = serializers.SerializerMethodField()
    justification = serializers.SerializerMethodField()
    approvals = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()

    class Meta:
        model = Request
        fields = [
            "id",
            "state",
            "requester",
            "connection",
            "scope",
            "networks",
            "minutes",
            "justification",
            "case_reference",
            "content_hash",
            "created_at",
            "submitted_at",
            "expires_at",
            "activated_at",
            "deadline_at",
            "ended_at",
            "end_reason",
            "closed_at",
            "approvals",
            "missing",
        ]
        read_only_fields = fields

    @extend_schema_field(ApprovalOut(many=True))
    def get_approvals(self, request: Request) -> Any:
        return ApprovalOut(selectors.every_approval(request), many=True).data

    def get_minutes(self, request: Request) -> int:
        return int(request.duration.total_seconds()) // 60

    def get_justification(self, request: Request) -> str | None:
        own = request.requester_person == self.context["actor"].person_id
        return request.justification if own or self._reads_every_why else None

    @cached_property
    def _reads_every_why(self) -> bool:
        return policies.may_read_every_why(self.context["actor"])

    def get_missing(self, request: Request) -> dict[str, int]:
        return selectors.missing_signatures(request)
