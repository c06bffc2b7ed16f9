"""Orgs and snapshots as the API shows them. Secrets go in and never come out."""

from rest_framework import serializers

from apps.crm.models import Connection, Snapshot, SnapshotApp


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """An org and how it stands."""

    class Meta:
        model = Connection
        fields = (
            "id", "name", "host", "zone_id", "flow", "state", "last_error", "org_id", "org_name",
            "instance_name", "checked_at", "api_used", "api_allowed", "api_seen_at", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class ConnectSerializer(serializers.Serializer[None]):
    """What it takes to connect an org. The service checks each value and names the field."""

    name = serializers.CharField(trim_whitespace=False, allow_blank=True)
    host = serializers.CharField(trim_whitespace=False, allow_blank=True)
    zone_id = serializers.CharField(allow_blank=True)
    flow = serializers.ChoiceField(choices=Connection.Flow.choices)
    client_id = serializers.CharField(trim_whitespace=False, allow_blank=True)
    username = serializers.CharField(required=False, allow_blank=True, default="")
    private_key = serializers.CharField(required=False, allow_blank=True, default="")
    client_secret = serializers.CharField(required=False, allow_blank=True, default="")
    refresh_token = serializers.CharField(required=False, allow_blank=True, default="")
    code = serializers.CharField(max_length=12)


class SourceSerializer(serializers.Serializer[dict[str, object]]):
    """How completely one source was read; `expected` is the org's own count."""

    source = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    label = serializers.CharField()  # type: ignore[assignment]
    expected = serializers.IntegerField(allow_null=True)
    read = serializers.IntegerField()
    state = serializers.CharField()
    error = serializers.CharField(allow_blank=True)
    way = serializers.CharField(allow_blank=True, required=False)


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    """A snapshot and how completely the org was read."""

    sources = SourceSerializer(many=True, read_only=True)

    class Meta:
        model = Snapshot
        fields = (
            "id", "connection_id", "state", "taken_at", "finished_at", "sources", "lacking",
            "content_hash", "error",
        )  # fmt: skip
        read_only_fields = fields


class SnapshotAppSerializer(serializers.ModelSerializer[SnapshotApp]):
    """An app of a snapshot. `scopes` is null where the org does not tell them: unknown."""

    scopes = serializers.ListField(child=serializers.CharField(), allow_null=True, read_only=True)
    ip_ranges = serializers.ListField(
        child=serializers.CharField(), allow_null=True, read_only=True
    )

    class Meta:
        model = SnapshotApp
        fields = (
            "id", "kind", "developer_name", "label", "org_app_id", "scopes", "permitted_users",
            "refresh_policy", "ip_relaxation", "ip_ranges", "client_credentials", "in_use",
            "token_count", "last_used_at",
        )  # fmt: skip
        read_only_fields = fields


class SnapshotDetailSerializer(SnapshotSerializer):
    """A snapshot with its apps and the number of tokens and accounts. `token_count` is null where
    the org did not list every token: unknown."""

    apps = SnapshotAppSerializer(many=True, read_only=True)
    token_count = serializers.SerializerMethodField()
    account_count = serializers.IntegerField(source="accounts.count", read_only=True)

    class Meta(SnapshotSerializer.Meta):
        fields = (*SnapshotSerializer.Meta.fields, "apps", "token_count", "account_count")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    def get_token_count(self, snapshot: Snapshot) -> int | None:
        return snapshot.tokens.count() if snapshot.has_all_tokens else None
