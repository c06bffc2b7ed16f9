"""JSON bodies, bounded: a caller cannot make the console read or nest without end.

Django bounds the size (`DATA_UPLOAD_MAX_MEMORY_SIZE`); nothing else bounds the depth.
"""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class TooLarge(APIException):
    """A body above the size that Django reads."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The body is too large. Send less at once."


class BoundedJSON(JSONParser):
    """DRF's parser, which says so when a body is nested too deeply."""

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
