"""The witness over HTTP."""

from hashlib import sha256

import requests

from apps.ledger import note
from apps.ledger.witness.cosignature import read_lines
from apps.ledger.witness.serve import WitnessServer
from tests.ledger.witness.conftest import Log


def post(server: WitnessServer, body: bytes) -> requests.Response:
    return requests.post(f"{server.url}/add-checkpoint", data=body, timeout=5)


def test_a_monitor_reads_what_was_cosigned(server: WitnessServer, log: Log) -> None:
    place = f"{server.url}/{sha256(log.origin.encode()).hexdigest()}/checkpoint"
    assert requests.get(place, timeout=5).status_code == 404
    assert post(server, log.submission(0, 4)).status_code == 200
    served = requests.get(place, timeout=5)
    assert served.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = note.check(served.content.decode(), [log.verifier]).text
    lines = served.content.decode().removeprefix(f"{text}\n")
    assert len(read_lines(text, lines, [server.judge.witness])) == 1


def test_a_conflict_tells_the_size(server: WitnessServer, log: Log) -> None:
    post(server, log.submission(0, 4))
    answer = post(server, log.submission(0, 6))
    assert (answer.status_code, answer.text) == (409, "4\n")
    assert answer.headers["Content-Type"] == "text/x.tlog.size"


def test_too_much_is_not_read(server: WitnessServer) -> None:
    assert post(server, b"x" * 70_000).status_code == 413
    assert requests.post(f"{server.url}/other", data=b"x", timeout=5).status_code == 404
