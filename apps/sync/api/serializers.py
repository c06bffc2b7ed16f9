"""Jobs and runs as JSON. There is no field for what a record says, because none is kept."""

from typing import Any

from rest_framework import serializers

from apps.sync.models import Job, Run, RunItem


class JobOut(serializers.ModelSerializer[Job]):
    """A job."""

    class Meta:
        model = Job
        fields = [
            "id",
            "name",
            "connection",
            "endpoint",
            "object_name",
            "source_fields",
            "filter",
            "purpose",
            "writeback_field",
            "created_at",
        ]


class JobIn(serializers.Serializer[Any]):
    """A job to make."""

    name = serializers.CharField(max_length=80)
    connection_id = serializers.UUIDField()
    endpoint_id = serializers.UUIDField()
    source_fields = serializers.ListField(child=serializers.CharField(max_length=80), max_length=50)
    writeback_field = serializers.CharField(max_length=80)
    purpose = serializers.CharField(max_length=30, default="case-summary")
    filter = serializers.CharField(max_length=20, default="open-cases")


class PreviewIn(serializers.Serializer[Any]):
    """A job that nobody has made yet, to ask the policy about."""

    connection_id = serializers.UUIDField()
    endpoint_id = serializers.UUIDField()
    source_fields = serializers.ListField(
        child=serializers.CharField(max_length=80), min_length=1, max_length=50
    )
    purpose = serializers.CharField(max_length=30, default="case-summary")


class RunOut(serializers.ModelSerializer[Run]):
    """A run: its state, the verdict, and how far it is."""

    class Meta:
        model = Run
        fields = [
            "id",
            "job",
            "state",
            "effect",
            "rules",
            "reasons",
            "policy_hash",
            "total",
            "written",
            "parked",
            "attempts",
            "error_code",
            "error",
            "queued_at",
            "started_at",
            "resume_at",
            "finished_at",
        ]


class RunItemOut(serializers.ModelSerializer[RunItem]):
    """What became of one record."""

    class Meta:
        model = RunItem
        fields = [
            "id",
            "record_id",
            "state",
            "fingerprint",
            "model",
            "masked",
            "request_ids",
            "error_code",
            "error",
            "at",
        ]
