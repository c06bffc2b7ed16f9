"""Answers that have to be there in time as a whole.

The timeout of a socket begins anew with every byte. Whoever sends one byte a minute, in the head of
an answer or in its body, holds a worker for days without ever running into it.
"""

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Watched(io.RawIOBase):
    """What a socket brings until a moment; then `TimeoutError`."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, *, ends: float) -> None:
        self._sock, self._raw, self._ends = sock, raw, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer as a whole took too long")
        usual = self._sock.gettimeout()
        self._sock.settimeout(left if usual is None else min(usual, left))
        try:
            return self._raw.readinto(buffer)
        finally:
            self._sock.settimeout(usual)

    def close(self) -> None:
        self._raw.close()
        super().close()


class TimedAnswer(HTTPResponse):
    """An answer whose head and body together may take `seconds` from when it is waited for.

    Reading raises `TimeoutError` after that, which urllib3 and requests tell as their own.
    """

    seconds = 180.0

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw: Any = self.fp.detach()  # a BufferedReader of the socket
        self.fp = io.BufferedReader(_Watched(sock, raw, ends=time.monotonic() + self.seconds))


class _Plain(HTTPConnection):
    response_class = TimedAnswer


class _Secure(HTTPSConnection):
    response_class = TimedAnswer


class _PlainPool(HTTPConnectionPool):
    ConnectionCls: Any = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls: Any = _Secure


TIMED_POOLS = {"http": _PlainPool, "https": _SecurePool}
