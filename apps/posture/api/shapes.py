"""Purposes, service accounts and revocations as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from apps.posture.models import AppPurpose, Revocation
from apps.posture.scopes.holding import Account, Held, Muted
from apps.posture.scopes.showing import ShownField, ShownRange, ShownReach


class CellSerializer(serializers.Serializer[None]):
    """One cell of the matrix: yes, no, extra, missing or unknown, with words beside it."""

    kind = serializers.ChoiceField(choices=["yes", "no", "extra", "missing", "unknown"])
    words = serializers.CharField()


class MatrixLineSerializer(serializers.Serializer[None]):
    """One scope: declared, approved, granted and used."""

    scope = serializers.CharField()
    differs = serializers.BooleanField()
    declared = CellSerializer()
    approved = CellSerializer()
    granted = CellSerializer()
    used = CellSerializer()


class RangeSerializer(serializers.Serializer[ShownRange]):
    """A range of an app's own, and whether it reaches outside its zone's."""

    range = serializers.CharField(source="told")
    is_outside = serializers.BooleanField()


class ReachSerializer(serializers.Serializer[ShownReach]):
    """What an app reaches through one account, in words by object or field. `everything` names
    permissions that reach every object; unknown means that there may be more."""

    account_id = serializers.UUIDField(source="account.pk")
    org_user_id = serializers.CharField(source="account.org_user_id")
    words = serializers.CharField()
    is_unknown = serializers.BooleanField()
    everything = serializers.ListField(child=serializers.CharField())
    beyond_purpose = serializers.SerializerMethodField()
    fields_beyond_purpose = serializers.SerializerMethodField()
    within = serializers.SerializerMethodField()

    def get_beyond_purpose(self, found: ShownReach) -> dict[str, str]:
        return dict(found.beyond)

    def get_fields_beyond_purpose(self, found: ShownReach) -> dict[str, str]:
        return dict(found.fields_beyond)

    def get_within(self, found: ShownReach) -> dict[str, str]:
        return dict(found.needed)


class RestrictedFieldSerializer(serializers.Serializer[ShownField]):
    """A restricted field of an object that the purpose names; null is unknown."""

    name = serializers.CharField()
    level = serializers.CharField()
    encrypted = serializers.BooleanField(allow_null=True)


class MatrixSerializer(serializers.Serializer[Any]):
    """One app's scopes side by side; `observation` says what use is told from."""

    words = serializers.CharField()
    advice = serializers.CharField()
    observation = serializers.CharField()
    objects_beyond_purpose = serializers.ListField(child=serializers.CharField())
    lines = MatrixLineSerializer(many=True)
    zone_ranges = serializers.CharField()
    ranges = RangeSerializer(many=True)
    reaches = ReachSerializer(many=True)
    restricted_fields = RestrictedFieldSerializer(many=True)


class PurposeSerializer(serializers.ModelSerializer[AppPurpose]):
    """What an app is for, and how far that is decided."""

    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    objects_named = serializers.ListField(child=serializers.CharField(), read_only=True)
    fields_named = serializers.ListField(child=serializers.CharField(), read_only=True)
    zones = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = AppPurpose
        fields = (
            "id", "connection_id", "app_key", "app_label", "words", "scopes", "objects_named",
            "fields_named", "zones", "content_hash", "state", "proposed_by_id", "proposed_at",
            "decided_by_id", "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class ProposedPurposeSerializer(serializers.Serializer[None]):
    """A purpose to propose; names as API names, zones by their short names."""

    words = serializers.CharField(max_length=400)
    scopes = serializers.ListField(child=serializers.CharField(max_length=80))
    objects_named = serializers.ListField(child=serializers.CharField(max_length=80), default=list)
    fields_named = serializers.ListField(child=serializers.CharField(max_length=80), default=list)
    zones = serializers.ListField(child=serializers.CharField(max_length=80), default=list)


class HeldSerializer(serializers.Serializer[Held]):
    """One far-reaching permission and every path that gives it."""

    permission = serializers.CharField()
    paths = serializers.ListField(child=serializers.CharField())


class MutedSerializer(serializers.Serializer[Muted]):
    """A permission that a group would give, and the muting set in it that takes it away."""

    permission = serializers.CharField()
    path = serializers.CharField()
    by = serializers.CharField()


class AccountSerializer(serializers.Serializer[Account]):
    """A service account. `unread` names what could not be read: unknown, not harmless."""

    id = serializers.UUIDField(source="row.pk")
    org_user_id = serializers.CharField(source="row.org_user_id")
    is_active = serializers.BooleanField(source="row.is_active")
    words = serializers.CharField()
    dangerous = HeldSerializer(many=True)
    muted = MutedSerializer(many=True)
    unread = serializers.ListField(child=serializers.CharField())


class RevocationSerializer(serializers.ModelSerializer[Revocation]):
    """Access that is being ended, with its grants counted by state. Verified is proven."""

    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Revocation
        fields = (
            "id", "connection_id", "snapshot_id", "of", "target_ref", "content_hash", "state",
            "note", "asked_by_id", "asked_at", "ended_at", "counts",
        )  # fmt: skip
        read_only_fields = fields
