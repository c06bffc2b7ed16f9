"""The local timestamp service over HTTP (RFC 3161, 3.4), on the loopback address only."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import tsp

from apps.ledger.timestamps.local import LocalService
from apps.ledger.timestamps.request import QUERY, REPLY

LOOPBACK = "127.0.0.1"
MOST_BYTES = 10_000
SECONDS_TO_SEND = 10


class TimestampServer(ThreadingHTTPServer):
    """Serves one `LocalService`; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, port: int, service: LocalService) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.service = service

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://{LOOPBACK}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_TO_SEND
    server: TimestampServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return self._answer(413, b"", "text/plain")
        if self.headers.get("Content-Type") != QUERY:
            self.rfile.read(int(length))
            return self._answer(415, b"", "text/plain")
        try:
            request = tsp.TimeStampReq.load(self.rfile.read(int(length)), strict=True)
            reply = self.server.service.answer(request).dump()
        except (ValueError, TypeError, KeyError):
            return self._answer(400, b"", "text/plain")
        return self._answer(200, reply, REPLY)

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status != 200:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: one comes every minute."""
