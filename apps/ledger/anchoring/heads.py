"""The state of a log, as two numbers tell it."""

from dataclasses import dataclass

ROOT_LOG = "root"  # the log of logs among the tenants' logs, which are known by their ids


@dataclass(frozen=True, slots=True)
class Head:
    """`root` is the RFC 6962 tree hash over the first `size` entries."""

    size: int
    root: bytes
