"""What decisions over the API ask for beside their own fields."""

from typing import Any

from rest_framework import serializers


class CodeSerializer(serializers.Serializer[Any]):
    """A fresh one-time code of the person who decides."""

    code = serializers.CharField(max_length=20)
