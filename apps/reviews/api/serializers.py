"""Reviews as the API shows them, and what it takes."""

from typing import Any

from rest_framework import serializers

from apps.reviews.models import Campaign, Decision, Item
from apps.reviews.selectors import Preview, Progress


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """A review."""

    class Meta:
        model = Campaign
        fields = (
            "id",
            "name",
            "connection",
            "snapshot",
            "snapshot_hash",
            "state",
            "opened_by",
            "opened_at",
            "due_at",
            "finished_by",
            "finished_at",
            "decisions_hash",
            "ended_at",
        )
        read_only_fields = fields


class CampaignPageSerializer(serializers.Serializer[Any]):
    """The newest reviews."""

    results = CampaignSerializer(many=True)


class ProgressSerializer(serializers.Serializer[Progress]):
    """Where a review stands, in numbers of items."""

    total = serializers.IntegerField()
    decided = serializers.IntegerField()
    undecided = serializers.IntegerField()
    kept = serializers.IntegerField()
    revoked = serializers.IntegerField()
    cannot_decide = serializers.IntegerField()
    no_response = serializers.IntegerField()
    queued = serializers.IntegerField()
    executed = serializers.IntegerField()
    verified = serializers.IntegerField()
    withheld = serializers.IntegerField()
    failed = serializers.IntegerField()
    missing = serializers.IntegerField()
    reappeared = serializers.IntegerField()


class StandingSerializer(serializers.Serializer[Any]):
    """A review with its progress."""

    campaign = CampaignSerializer()
    progress = ProgressSerializer()


class ItemSerializer(serializers.ModelSerializer[Item]):
    """One grant. The handle that ends it in the org is never shown."""

    class Meta:
        model = Item
        fields = (
            "id",
            "campaign",
            "position",
            "kind",
            "label",
            "subject_ref",
            "subject_name",
            "subject_is_integration",
            "subject_is_active",
            "dangerous",
            "paths",
            "granted_at",
            "last_used_at",
            "use_count",
            "risk",
            "risk_reason",
            "suggestion",
            "suggestion_reason",
            "change",
            "protected",
            "reviewer",
            "decision",
            "remediation",
            "remediation_code",
            "remediation_words",
            "executed_at",
            "verified_at",
            "call_requests",
            "read_requests",
        )
        read_only_fields = fields

    subject_name = serializers.CharField(read_only=True)


class ItemPageSerializer(serializers.Serializer[Any]):
    """A page, riskiest first; pass `next` as `after` to get the following ones."""

    results = ItemSerializer(many=True)
    next = serializers.CharField(allow_blank=True)


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """One entry of an item's history."""

    note = serializers.CharField(read_only=True)

    class Meta:
        model = Decision
        fields = ("id", "choice", "note", "by", "at", "seconds", "batch_id")
        read_only_fields = fields


class ItemDetailSerializer(serializers.Serializer[Any]):
    """An item with its whole history, newest decision first."""

    item = ItemSerializer()
    history = DecisionSerializer(many=True)


class PreviewSerializer(serializers.Serializer[Preview]):
    """What signing would do. Send `digest` back as `seen`."""

    revoke = ItemSerializer(many=True)
    withheld = ItemSerializer(many=True)
    undecided = ItemSerializer(many=True)
    kept = serializers.IntegerField()
    cannot_decide = serializers.IntegerField()
    digest = serializers.CharField()


class OpenSerializer(serializers.Serializer[Any]):
    """What opening a review takes."""

    snapshot = serializers.UUIDField()
    due_at = serializers.DateTimeField()
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    start = serializers.BooleanField(required=False, default=True)


class DecideSerializer(serializers.Serializer[Any]):
    """A decision; a note is needed unless the grant is kept."""

    decision = serializers.CharField(max_length=16)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    seconds = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0)


class SignSerializer(serializers.Serializer[Any]):
    """A signature: a fresh code, for the preview whose digest was seen."""

    code = serializers.CharField(max_length=20)
    seen = serializers.CharField(max_length=64)
    silence_is_kept = serializers.BooleanField(required=False, default=False)


class NoteSerializer(serializers.Serializer[Any]):
    """A reason."""

    note = serializers.CharField(max_length=4000)


class KeptSerializer(serializers.Serializer[Any]):
    """How many grants were kept together."""

    kept = serializers.IntegerField()
