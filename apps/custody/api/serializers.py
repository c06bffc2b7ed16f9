"""API tokens as the API shows them, and what making one takes."""

from typing import Any

from rest_framework import serializers

from apps.accounts.api.serializers import CodeSerializer
from apps.custody.models import IssuedToken
from apps.custody.services import LONGEST_DAYS, NAME_LENGTH


class TokenSerializer(serializers.ModelSerializer[IssuedToken]):
    """A token without its text, which nobody can read again."""

    powers = serializers.ListField(
        child=serializers.CharField(), source="scope.powers", read_only=True
    )

    class Meta:
        model = IssuedToken
        fields = (
            "id", "name", "holder", "powers", "issued_at", "expires_at", "ended_at", "last_used_at",
        )  # fmt: skip
        read_only_fields = fields


class MakeTokenSerializer(CodeSerializer):
    """A token for oneself: what it is for, what it may do, for how many days; a fresh code."""

    name = serializers.CharField(max_length=NAME_LENGTH)
    powers = serializers.ListField(child=serializers.CharField(max_length=60), max_length=100)
    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS)


class MadeTokenSerializer(serializers.Serializer[Any]):
    """A token and its text, shown this once."""

    token = TokenSerializer()
    secret = serializers.CharField()
