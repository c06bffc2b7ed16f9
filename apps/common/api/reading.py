"""What an API view does first: take the body in the shape that its serializer names."""

from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import Serializer


def read_body(shape: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body as checked by `shape`; raises DRF's `ValidationError`, which names each field."""
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    checked: dict[str, Any] = given.validated_data
    return checked
