"""Apps, deviations and baselines as the API shows them."""

from rest_framework import serializers

from apps.posture.comparison import Comparison
from apps.posture.models import ScopeBaseline


class ComparisonSerializer(serializers.Serializer[Comparison]):
    """One app: approved beside granted. Null means unknown, or no baseline."""

    id = serializers.UUIDField(source="app.pk")
    label = serializers.CharField(source="app.label")  # type: ignore[assignment]  # a field
    kind = serializers.CharField(source="app.kind")
    app_key = serializers.CharField(source="app.app_key")
    standing = serializers.ChoiceField(choices=["deviates", "no_baseline", "unknown", "matches"])
    words = serializers.CharField()
    approved = serializers.ListField(child=serializers.CharField(), allow_null=True)
    granted = serializers.ListField(child=serializers.CharField(), allow_null=True)
    beyond = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())
    token_count = serializers.IntegerField(source="app.token_count", allow_null=True)


class BaselineConfirmationSerializer(serializers.Serializer[None]):
    """A fresh one-time code of the person who decides."""

    code = serializers.CharField(max_length=20)


class BaselineSerializer(serializers.ModelSerializer[ScopeBaseline]):
    """An approved baseline and the ledger event that proves it."""

    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    event_id = serializers.UUIDField(read_only=True)

    class Meta:
        model = ScopeBaseline
        fields = (
            "id", "connection_id", "app_key", "app_label", "scopes", "content_hash",
            "approved_by_id", "approved_at", "snapshot_id", "supersedes_id", "event_id",
        )  # fmt: skip
        read_only_fields = fields
