"""A stand-in for Vault's transit engine on loopback, after its documented wire format.

No Vault server was at hand; https://developer.hashicorp.com/vault/api-docs/secret/transit says
what is asked and answered. AES-256-GCM with `associated_data`, key versions in the ciphertext.
"""

import base64
import binascii
import json
import os
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class FakeVault:
    """`with FakeVault() as vault:` serves `vault.url` for `vault.token`."""

    def __init__(self) -> None:
        self.token = "hvs." + secrets.token_hex(8)
        self.keys = {"console": [AESGCM.generate_key(256)]}
        self.answers_with: int = 0  # any other status: what a sealed or failing Vault says
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length) or b"{}")
                token = self.headers.get("X-Vault-Token", "")
                status, answer = fake.answer(self.path, body, token)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.stop()

    def stop(self) -> None:
        """No longer answer."""
        self._server.shutdown()
        self._server.server_close()

    def rotate(self, name: str) -> None:
        """Add a version: `POST /transit/keys/:name/rotate`."""
        self.keys[name].append(AESGCM.generate_key(256))

    def answer(self, path: str, body: dict[str, str], token: str) -> tuple[int, dict[str, Any]]:
        """Status and document of one request."""
        if self.answers_with:
            return self.answers_with, {"errors": ["Vault is sealed"]}
        if token != self.token:
            return 403, {"errors": ["permission denied"]}
        _, _, mount, operation, name = path.split("/")
        if mount != "transit" or name not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        place = base64.b64decode(body.get("associated_data", ""))
        if operation == "encrypt":
            return 200, {"data": self._encrypt(name, body, place)}
        try:
            return 200, {"data": self._decrypt(name, body, place)}
        except InvalidTag:
            return 400, {"errors": ["cipher: message authentication failed"]}
        except binascii.Error:
            return 400, {"errors": ["invalid ciphertext: could not decode base64"]}

    def _encrypt(self, name: str, body: dict[str, str], place: bytes) -> dict[str, Any]:
        version, nonce = len(self.keys[name]), os.urandom(12)
        plain = base64.b64decode(body["plaintext"])
        sealed = nonce + AESGCM(self.keys[name][-1]).encrypt(nonce, plain, place)
        text = base64.b64encode(sealed).decode()
        return {"ciphertext": f"vault:v{version}:{text}", "key_version": version}

    def _decrypt(self, name: str, body: dict[str, str], place: bytes) -> dict[str, Any]:
        _, version, text = body["ciphertext"].split(":")
        sealed = base64.b64decode(text, validate=True)
        key = AESGCM(self.keys[name][int(version[1:]) - 1])
        plain = key.decrypt(sealed[:12], sealed[12:], place)
        return {"plaintext": base64.b64encode(plain).decode()}
