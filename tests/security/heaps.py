"""What lies in a server's memory, as it lies there, to be searched for what should not."""

from collections.abc import Callable

from redis import Redis


def all_of_valkey(url: str) -> bytes:
    """Every key and value of one database. `DUMP` would do, but it compresses what it tells."""
    server = Redis.from_url(url)
    reads: dict[bytes, Callable[[bytes], object]] = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"set": server.smembers,
        b"hash": server.hgetall,
        b"zset": lambda key: server.zrange(key, 0, -1),
        b"stream": server.xrange,
    }
    return b"\n".join(
        part
        for key in server.scan_iter("*")
        for part in _flat([key, reads[_kind(server, key)](key)])
    )


def _kind(server: Redis, key: bytes) -> bytes:
    kind = server.type(key)
    return kind if isinstance(kind, bytes) else kind.encode()


def _flat(value: object) -> list[bytes]:
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list | tuple | set):
        return [part for each in value for part in _flat(each)]
    return []
