"""Answers that drip: the socket's own timeout never ends them, the bound of the whole does."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from apps.common.patience import TimedAnswer
from apps.common.trust import open_session
from apps.ledger.timestamps import client as timestamps
from apps.ledger.timestamps.errors import ServiceUnavailable
from apps.ledger.timestamps.request import request_for
from apps.llm import errors
from apps.llm.client import wire
from tests.llm.odd_server import answering

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n"
STARTS = {"body": HEAD, "one chunk": CHUNKED, "head": b"HTTP/1.1 200 OK\r\nX-Padding: "}


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """The address of a server that sends `start` at once and then a byte every 20 ms."""
    over = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            caller, _ = server.accept()
            with caller:
                caller.recv(65_536)
                caller.sendall(start)
                while not over.wait(0.02):
                    caller.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join(5)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedAnswer, "seconds", 0.2)


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_an_endpoint_that_drips_is_given_up(start: bytes) -> None:
    began = time.monotonic()
    with dripping(start) as address, open_session(extra_ca="") as session:
        with pytest.raises(errors.EndpointUnavailable):
            wire.exchange(session, "GET", address, headers={})
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_timestamp_service_that_drips_is_given_up(start: bytes) -> None:
    began = time.monotonic()
    with dripping(start) as address:
        with pytest.raises(ServiceUnavailable):
            timestamps.exchange(address, request_for(bytes(32)))
        assert time.monotonic() - began < 2


def test_a_connection_that_is_used_again_waits_as_long_as_before() -> None:
    with answering(200, {"data": []}) as (address, asked):
        with open_session(extra_ca="") as session:
            for _ in range(3):
                assert wire.exchange(session, "GET", address, headers={}) == {"data": []}
    assert len(asked) == 3
