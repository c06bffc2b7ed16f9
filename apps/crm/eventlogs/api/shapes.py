"""Event logs as the API shows and takes them."""

from typing import Any

from rest_framework import serializers

from apps.crm.eventlogs.models import LONGEST_DAYS, SHORTEST_DAYS
from apps.crm.models import LogFile, LogRow, LogWatch


class LogRowSerializer(serializers.ModelSerializer[LogRow]):
    """One event. `rows` is null where its type does not tell how many records it was about."""

    class Meta:
        model = LogRow
        fields = (
            "id", "at", "event_type", "app_id", "app_name", "user_id", "address", "method",
            "resource", "entity", "status", "rows", "request_id", "file_id",
        )  # fmt: skip
        read_only_fields = fields


class WindowSerializer(serializers.Serializer[dict[str, Any]]):
    """From and until; the end is not part of it."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()


class LogSearchSerializer(serializers.Serializer[dict[str, Any]]):
    """One page of events; `next` goes into `before`, and is empty on the last.

    `observed` are the stretches of the time that log files cover; what lies between is unknown.
    """

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    observed = WindowSerializer(many=True)
    words = serializers.CharField()
    results = LogRowSerializer(many=True)
    next = serializers.CharField(allow_blank=True)


class LogFileSerializer(serializers.ModelSerializer[LogFile]):
    """One delivery of a file. `altered_at` tells that it is not as it was taken."""

    class Meta:
        model = LogFile
        fields = (
            "id", "connection_id", "org_file_id", "org_created_at", "event_type", "hourly",
            "starts_at", "ends_at", "sequence", "sha256", "size_bytes", "row_count",
            "unreadable_count", "taken_at", "superseded_at", "dropped_at", "checked_at",
            "altered_at",
        )  # fmt: skip
        read_only_fields = fields


class LogWatchSerializer(serializers.ModelSerializer[LogWatch]):
    """How taking an org's files goes."""

    class Meta:
        model = LogWatch
        fields = (
            "connection_id", "state", "asked_at", "looked_at", "reached_at", "files_due",
            "files_done", "error",
        )  # fmt: skip
        read_only_fields = fields


class KeepingSerializer(serializers.Serializer[dict[str, Any]]):
    """For how many days logs are kept, whether a legal hold keeps all, and how many files are
    due."""

    days = serializers.IntegerField()
    held = serializers.BooleanField()
    due_files = serializers.IntegerField()


class KeepSerializer(serializers.Serializer[dict[str, Any]]):
    """Other days, with a one-time code for exactly these."""

    days = serializers.IntegerField(min_value=SHORTEST_DAYS, max_value=LONGEST_DAYS)
    code = serializers.CharField(max_length=12)
