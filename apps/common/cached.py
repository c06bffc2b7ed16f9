"""What the cache holds: JSON, so that reading it never runs anything."""

import json
from typing import Any


class JSONSerializer:
    """For Django's Redis cache, in place of pickle. Counters stay plain numbers for INCR."""

    def dumps(self, value: Any) -> bytes | int:
        plain = type(value) is int
        return value if plain else json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)
