"""Scans as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from apps.posture.models import Scan, ScanAddress, ScanFinding
from apps.posture.scans.hosts import Host


class UploadSerializer(serializers.Serializer[None]):
    """A zip of metadata, in source or metadata format."""

    archive = serializers.FileField(required=False, help_text="The zip.")
    connection = serializers.UUIDField(
        required=False, allow_null=True, help_text="The org that the metadata belongs to."
    )
    covers_all = serializers.BooleanField(
        default=False, help_text="Whether it is all metadata: what it lacks then counts as gone."
    )


class ScanCodeSerializer(serializers.Serializer[None]):
    """A fresh one-time code of the person who downloads."""

    code = serializers.CharField(max_length=20)


class ScanSerializer(serializers.ModelSerializer[Scan]):
    """One scan and how far it is. `unread` names what stayed unknown, and why."""

    unread = serializers.SerializerMethodField()

    class Meta:
        model = Scan
        fields = (
            "id", "connection_id", "origin", "name", "state", "covers_all", "sha256", "size",
            "asked_by_id", "asked_at", "finished_at", "entries", "entries_done", "files", "error",
            "gateways", "unread",
        )  # fmt: skip
        read_only_fields = fields

    def get_unread(self, scan: Scan) -> list[dict[str, str]]:
        return [{"path": path, "why": why} for path, why in scan.unread]


class ScanRuleSerializer(serializers.Serializer[Any]):
    """How often a rule spoke. `new`: how many of them the scan before did not show."""

    rule = serializers.CharField(source="rule.id")
    title = serializers.CharField(source="rule.title")
    fix = serializers.CharField(source="rule.fix")
    control = serializers.CharField(source="rule.control")
    level = serializers.CharField()
    count = serializers.SerializerMethodField()
    new = serializers.IntegerField()

    def get_count(self, group: Any) -> int:
        return len(group.findings)


class ScanFindingSerializer(serializers.ModelSerializer[ScanFinding]):
    """One thing at its place. `key` is the same in the next scan although lines have moved."""

    class Meta:
        model = ScanFinding
        fields = ("id", "rule", "level", "path", "line", "column", "message", "subject", "key")
        read_only_fields = fields


class ScanReportSerializer(serializers.Serializer[Any]):
    """What a finished scan saw, in short. `gone`: what the scan before showed and this does not.

    Without `is_whole` what is gone may still be there: this scan did not read everything.
    """

    sentence = serializers.CharField()
    totals = serializers.DictField(child=serializers.IntegerField())
    past_gateway = serializers.IntegerField(source="past")
    rules = ScanRuleSerializer(many=True, source="groups")
    scan_before = serializers.UUIDField(source="before.pk", allow_null=True, default=None)
    gone = ScanFindingSerializer(many=True)
    is_whole = serializers.BooleanField()


class ScanPlaceSerializer(serializers.ModelSerializer[ScanAddress]):
    """Where an address stands, and whether it is called there or only named."""

    class Meta:
        model = ScanAddress
        fields = ("path", "line", "column", "named_by", "called")
        read_only_fields = fields


class ScanHostSerializer(serializers.Serializer[Host]):
    """A host outside the org: whose, under which law (and how that is known), by which way.

    `standing` is inside, outside or unknown beside the zone of the org, or no_zone without one.
    """

    host = serializers.CharField(source="name")
    provider = serializers.CharField()
    is_llm = serializers.BooleanField()
    jurisdiction = serializers.CharField()
    basis = serializers.CharField()
    standing = serializers.CharField()
    called = serializers.BooleanField()
    unencrypted = serializers.BooleanField(source="plain")
    through_gateway = serializers.CharField(source="through")
    places = ScanPlaceSerializer(many=True)
