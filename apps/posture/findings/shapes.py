"""Findings as the API shows and takes them."""

from rest_framework import serializers

from apps.posture.models import Finding


class FindingSerializer(serializers.ModelSerializer[Finding]):
    """One finding: what was seen of what, how it stands, whose it is."""

    detail = serializers.DictField(read_only=True)

    class Meta:
        model = Finding
        fields = (
            "id", "connection_id", "kind", "subject", "title", "level", "source", "state",
            "fix", "detail", "owner_id", "due_on", "accepted_until", "reason",
            "first_seen_at", "last_seen_at", "fixed_at", "observed_from", "observed_until",
        )  # fmt: skip
        read_only_fields = fields


class FindingPageSerializer(serializers.Serializer[None]):
    """One page; `next` goes into `after`, and is empty on the last."""

    results = FindingSerializer(many=True)
    next = serializers.CharField(allow_blank=True)


class AssignmentSerializer(serializers.Serializer[None]):
    """Whose it is and until when; null takes either away."""

    owner = serializers.UUIDField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)


class AcceptanceSerializer(serializers.Serializer[None]):
    """Why it may stay, and until which day."""

    reason = serializers.CharField(max_length=400)
    until = serializers.DateField()
