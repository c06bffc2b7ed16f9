"""Many rows in one statement: arrays and rows in PostgreSQL's binary form.

COPY is refused where row security binds, so rows go in as arrays that `unnest` spreads. Their
elements are packed here, which costs a fraction of adapting each value on its own.
https://www.postgresql.org/docs/current/sql-copy.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.adapt import Buffer, Dumper, Loader
from psycopg.pq import Format

Connection = psycopg.Connection[tuple[Any, ...]]
_LENGTH = struct.Struct("!i")
_OIDS = {"bigint": 20, "uuid": 2950, "bytea": 17, "text": 25}


@dataclass(frozen=True, slots=True)
class Packed:
    """One array, ready for the wire."""

    data: bytes


def bigints(values: Sequence[int]) -> Packed:
    """A `bigint[]`."""
    body = struct.pack("!" + "iq" * len(values), *(part for value in values for part in (8, value)))
    return _array("bigint", len(values), body)


def uuids(values: Iterable[bytes]) -> Packed:
    """A `uuid[]` of 16 bytes each."""
    return _strings("uuid", values)


def byteas(values: Iterable[bytes]) -> Packed:
    """A `bytea[]`."""
    return _strings("bytea", values)


def texts(values: Iterable[str]) -> Packed:
    """A `text[]`."""
    return _strings("text", (value.encode() for value in values))


def _strings(kind: str, values: Iterable[bytes]) -> Packed:
    parts: list[bytes] = []
    for value in values:
        parts += (_LENGTH.pack(len(value)), value)
    return _array(kind, len(parts) // 2, b"".join(parts))


def _array(kind: str, length: int, body: bytes) -> Packed:
    # dimensions, null flag, element type; then the length and first index of the one dimension
    return Packed(struct.pack("!iiIii", 1 if length else 0, 0, _OIDS[kind], length, 1) + body)


class PackedDumper(Dumper):
    """Sends what was packed as it is."""

    format = Format.BINARY

    def dump(self, obj: Packed) -> Buffer:
        return obj.data if obj.data[:4] != bytes(4) else obj.data[:12]


class _RawUuid(Loader):
    """A uuid as its 16 bytes: they are keys here, never shown."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def connect(url: str) -> Connection:
    """A connection whose transactions are snapshots, and whose loss is noticed within seconds."""
    connection = psycopg.connect(
        url,
        application_name="ledger sequencer",
        # The tables grow without end; what is read of them is always at an index's edge.
        options="-c enable_seqscan=off -c max_parallel_workers_per_gather=0 -c jit=off",
        connect_timeout=10,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.adapters.register_dumper(Packed, PackedDumper)
    connection.adapters.register_loader("uuid", _RawUuid)
    return connection
