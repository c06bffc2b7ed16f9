"""Zones, policy versions and verdicts as JSON."""

from typing import Any

from rest_framework import serializers

from apps.residency.models import FieldClass, FlowRule, Zone

Plain = serializers.Serializer[Any]


class ZoneOut(serializers.ModelSerializer[Zone]):
    """A zone."""

    class Meta:
        model = Zone
        fields = ["id", "name", "slug", "jurisdictions", "networks", "created_at"]


class ZoneIn(Plain):
    """A zone to add. Jurisdictions are ISO 3166-1 alpha-2 codes, networks CIDR ranges."""

    name = serializers.CharField(max_length=60)
    jurisdictions = serializers.ListField(child=serializers.CharField(max_length=2), max_length=249)
    networks = serializers.ListField(
        child=serializers.CharField(max_length=43), max_length=50, required=False
    )


class PlacesIn(Plain):
    """Where a zone lies. Without networks its ranges stay; an empty list takes them away."""

    jurisdictions = serializers.ListField(child=serializers.CharField(max_length=2), max_length=249)
    networks = serializers.ListField(
        child=serializers.CharField(max_length=43), max_length=50, required=False
    )


class FieldClassOut(serializers.ModelSerializer[FieldClass]):
    """A field's class, as the next version of the policy will hold it."""

    class Meta:
        model = FieldClass
        fields = ["id", "object_name", "field_name", "data_class"]
        read_only_fields = fields


class FieldClassIn(Plain):
    """A field by its API names, and how freely its values may travel."""

    object_name = serializers.CharField(max_length=80)
    field_name = serializers.CharField(max_length=80)  # type: ignore[assignment]  # a field of that name
    data_class = serializers.CharField(max_length=12)


class RuleOut(serializers.ModelSerializer[FlowRule]):
    """A rule. Empty lists, an empty purpose and no zone mean any."""

    class Meta:
        model = FlowRule
        fields = [
            "name",
            "order",
            "data_class",
            "effect",
            "purpose",
            "subject_jurisdictions",
            "destination_zone",
            "destination_jurisdictions",
        ]
        read_only_fields = fields


class RulesOut(Plain):
    """The draft's rules in order, or those in force while there is no draft."""

    number = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(allow_null=True)
    rules = RuleOut(many=True)


class RuleIn(Plain):
    """A rule for the draft. One that lets data go must say where to."""

    name = serializers.CharField(max_length=60)
    data_class = serializers.CharField(max_length=12)
    effect = serializers.CharField(max_length=8)
    purpose = serializers.CharField(max_length=30, required=False, allow_blank=True, default="")
    subject_jurisdictions = serializers.ListField(
        child=serializers.CharField(max_length=2), max_length=249, required=False, default=list
    )
    destination_zone = serializers.UUIDField(required=False, allow_null=True, default=None)
    destination_jurisdictions = serializers.ListField(
        child=serializers.CharField(max_length=2), max_length=249, required=False, default=list
    )


class PolicyOut(Plain):
    """The policy in force, and what a draft would change."""

    number = serializers.IntegerField(allow_null=True)
    content_hash = serializers.CharField(allow_blank=True)
    published_at = serializers.DateTimeField(allow_null=True)
    content = serializers.JSONField(allow_null=True)
    draft_hash = serializers.CharField(allow_blank=True)
    changes = serializers.ListField(child=serializers.CharField())


class PublishIn(Plain):
    """The draft's hash as it was read, and a code that is fresh."""

    content_hash = serializers.RegexField("^[0-9a-f]{64}$")
    code = serializers.CharField(max_length=12)


class FlowIn(Plain):
    """A flow to ask about. Nothing is sent anywhere."""

    object_name = serializers.CharField(max_length=80)
    field_names = serializers.ListField(child=serializers.CharField(max_length=80), max_length=50)
    subject_jurisdictions = serializers.ListField(
        child=serializers.CharField(max_length=2), max_length=249
    )
    purpose = serializers.CharField(max_length=30)
    destination_zone = serializers.UUIDField(allow_null=True)


class VerdictOut(Plain):
    """What the policy says about a flow."""

    effect = serializers.CharField()
    masked_fields = serializers.ListField(child=serializers.CharField())
    rules = serializers.ListField(child=serializers.CharField())
    policy_hash = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
