"""The witness over HTTP: `add-checkpoint` for logs, the latest checkpoints for monitors."""

from __future__ import annotations

import re
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from apps.ledger.witness.judge import Answer, Judge

MOST_BYTES = 64_000
SECONDS_TO_SEND = 10
_MONITORED = re.compile(r"/(?P<origin>[0-9a-f]{64})/checkpoint")


class WitnessServer(ThreadingHTTPServer):
    """Serves one `Judge`; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, host: str, port: int, judge: Judge) -> None:
        super().__init__((host, port), _Handler)
        self.judge = judge

    @property
    def url(self) -> str:
        """The submission prefix, and the monitoring prefix too."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS_TO_SEND
    server: WitnessServer

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            return self._send(Answer(404, "there is only /add-checkpoint to post to\n"), last=True)
        if not length.isdigit() or int(length) > MOST_BYTES:
            return self._send(Answer(413, f"at most {MOST_BYTES} bytes\n"), last=True)
        return self._send(self.server.judge.add_checkpoint(self.rfile.read(int(length))))

    def do_GET(self) -> None:
        found = _MONITORED.fullmatch(self.path)
        for origin, seen in self.server.judge.memory.all_seen().items() if found else ():
            if found and sha256(origin.encode()).hexdigest() == found["origin"]:
                return self._send(Answer(200, seen.note))
        return self._send(Answer(404, "no checkpoint of that log was cosigned here\n"))

    def _send(self, answer: Answer, *, last: bool = False) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if last:  # the request's body was left unread
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: one comes every minute."""
