"""Whether bytes are written in the one form DER allows for lengths (X.690, 10.1)."""


def has_canonical_lengths(data: bytes) -> bool:
    """Whether every length in ``data`` is definite and as short as it can be, at every depth."""
    todo = [(0, len(data))]
    while todo:
        start, end = todo.pop()
        while start < end:
            value = _value(data, start, end)
            if value is None:
                return False
            inner, after = value
            if data[start] & 0x20:
                todo.append((inner, after))
            start = after
    return True


def _value(data: bytes, start: int, end: int) -> tuple[int, int] | None:
    """Return where the content at ``start`` begins and ends, or None when it is not DER."""
    if data[start] == 0 or data[start] & 0x1F == 0x1F or start + 2 > end:
        return None  # end markers are not DER; tags above 30 do not occur in these structures
    first, inner = data[start + 1], start + 2
    length = first
    if first >= 0x80:
        inner += first - 0x80
        length = int.from_bytes(data[start + 2 : inner])
        shortest = (length.bit_length() + 7) // 8
        if length < 0x80 or shortest != first - 0x80:
            return None
    return (inner, inner + length) if inner + length <= end else None
