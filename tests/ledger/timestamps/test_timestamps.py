"""A timestamp stamps what was asked, now, and leads to a root that we were told to trust."""

import hashlib
import subprocess
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests
from cryptography.hazmat.primitives.serialization import Encoding

from apps.ledger.timestamps.authority import AuthorityWornOut, TimestampAuthority
from apps.ledger.timestamps.chain import load_roots
from apps.ledger.timestamps.client import fetch_stamp
from apps.ledger.timestamps.errors import ServiceRefused, ServiceUnavailable, TokenBad
from apps.ledger.timestamps.request import request_for
from apps.ledger.timestamps.serve import TimestampServer
from apps.ledger.timestamps.token import check_token

DIGEST = hashlib.sha256(b"a checkpoint").digest()
OTHER = hashlib.sha256(b"another checkpoint").digest()


def test_a_stamp_is_fetched_and_checked(
    service: TimestampServer, authority: TimestampAuthority
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    found = fetch_stamp(service.url, DIGEST, roots=load_roots(authority.root))
    assert before <= found.stamp.at <= datetime.now(UTC)
    assert "Timestamp service" in found.stamp.service


def test_openssl_accepts_the_token(
    service: TimestampServer, authority: TimestampAuthority, tmp_path: Path
) -> None:
    found = fetch_stamp(service.url, DIGEST, roots=load_roots(authority.root))
    token = tmp_path / "token.der"
    token.write_bytes(found.token)
    asked = ["-in", str(token), "-digest", DIGEST.hex(), "-CAfile", str(authority.root)]
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-token_in", *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_a_token_for_something_else_is_refused(
    service: TimestampServer, authority: TimestampAuthority
) -> None:
    roots = load_roots(authority.root)
    token = fetch_stamp(service.url, DIGEST, roots=roots).token
    with pytest.raises(TokenBad, match="something else"):
        check_token(token, OTHER, roots=roots)


def test_the_answer_to_another_request_is_refused(authority: TimestampAuthority) -> None:
    answer = authority.service(lambda: datetime.now(UTC)).answer(request_for(DIGEST, nonce=1))
    with pytest.raises(TokenBad, match="another request"):
        check_token(
            answer["time_stamp_token"].dump(), DIGEST, roots=load_roots(authority.root), nonce=2
        )


def test_a_root_that_we_were_not_told_is_not_trusted(
    service: TimestampServer, authority: TimestampAuthority, tmp_path: Path
) -> None:
    stranger = TimestampAuthority.open(tmp_path / "stranger", now=datetime.now(UTC))
    with pytest.raises(TokenBad, match="trusted root"):
        fetch_stamp(service.url, DIGEST, roots=load_roots(stranger.root))


def test_a_time_outside_the_certificate_is_refused(authority: TimestampAuthority) -> None:
    late = datetime.now(UTC) + timedelta(days=4000)
    answer = authority.service(lambda: late).answer(request_for(DIGEST))
    with pytest.raises(TokenBad, match="trusted root"):
        check_token(answer["time_stamp_token"].dump(), DIGEST, roots=load_roots(authority.root))


def test_a_flipped_byte_anywhere_is_refused(authority: TimestampAuthority) -> None:
    """Except in the enclosed root, which is held against ours and not believed."""
    roots = load_roots(authority.root)
    answer = authority.service(lambda: datetime.now(UTC)).answer(request_for(DIGEST))
    token: bytes = answer["time_stamp_token"].dump()
    enclosed = roots[0].public_bytes(Encoding.DER)
    start = token.index(enclosed)
    for place in range(0, len(token), 7):
        if start <= place < start + len(enclosed):
            continue
        changed = bytearray(token)
        changed[place] ^= 0x01
        with pytest.raises(TokenBad):
            check_token(bytes(changed), DIGEST, roots=roots)


def test_a_service_that_is_away_may_be_asked_again(authority: TimestampAuthority) -> None:
    with pytest.raises(ServiceUnavailable) as away:
        fetch_stamp("http://127.0.0.1:9/", DIGEST, roots=load_roots(authority.root))
    assert away.value.retryable


def test_an_address_that_gives_no_stamps_is_not_asked_again() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        thread = Thread(target=other.handle_request)
        thread.start()
        with pytest.raises(ServiceRefused) as refused:
            fetch_stamp(f"http://127.0.0.1:{other.server_port}/", DIGEST, roots=())
        thread.join(timeout=5)
    assert not refused.value.retryable


def test_the_service_refuses_what_is_no_request(service: TimestampServer) -> None:
    kinds = {"Content-Type": "application/timestamp-query"}
    assert requests.post(service.url, data=b"x", headers=kinds, timeout=5).status_code == 400
    assert requests.post(service.url, data=b"x", timeout=5).status_code == 415


def test_certificates_that_have_run_out_stop_the_service(tmp_path: Path) -> None:
    TimestampAuthority.open(tmp_path, now=datetime.now(UTC) - timedelta(days=2000))
    with pytest.raises(AuthorityWornOut, match="has run out"):
        TimestampAuthority.open(tmp_path, now=datetime.now(UTC))
