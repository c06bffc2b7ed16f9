"""The overview as JSON. Each `url` is the page that answers further, empty where none is open."""

from typing import Any

from rest_framework import serializers

Plain = serializers.Serializer[Any]


class NeedSerializer(Plain):
    """One thing that waits for the reader. `until` runs down; `since` says how old it is."""

    tone = serializers.CharField()
    kind = serializers.CharField()
    words = serializers.CharField()
    url = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)


class LineSerializer(Plain):
    """One thing on a card and how it stands."""

    words = serializers.CharField()
    tone = serializers.CharField()
    status = serializers.CharField()
    detail = serializers.CharField()
    url = serializers.CharField()


class CardSerializer(Plain):
    """A few lines that answer one question; none while there is nothing to tell."""

    title = serializers.CharField()
    lines = LineSerializer(many=True)
    url = serializers.CharField()


class StepSerializer(Plain):
    """One step on the way from an empty tenant to a governed one."""

    words = serializers.CharField()
    why = serializers.CharField()
    action = serializers.CharField()
    url = serializers.CharField()
    done = serializers.BooleanField()


class OverviewSerializer(Plain):
    """How the tenant stands for the reader: needs with the most urgent first, then cards."""

    sentences = serializers.ListField(child=serializers.CharField())
    needs = NeedSerializer(many=True)
    cards = CardSerializer(many=True)
    steps = StepSerializer(many=True)
