"""Key-encryption keys in HashiCorp Vault's transit engine.

Options: URL, KEY (the transit key's name, type aes256-gcm96), TOKEN or TOKEN_FILE, MOUNT
(`transit`), NAMESPACE, CA_FILE. The place is `associated_data`
(https://developer.hashicorp.com/vault/api-docs/secret/transit). Vault's own key versions are in
the ciphertext, so that its rotation needs no new name here.
"""

import base64
from functools import cached_property
from typing import Any

import hvac
import requests
from hvac import exceptions

from apps.common.keyring import CannotOpen
from apps.custody.providers.base import CONNECT_S, READ_S, KeysRefused, KeysUnavailable, Options

# What Vault says of a wrap that was changed: by its tag, or by letters that are no base64.
_CHANGED = ("message authentication failed", "invalid ciphertext")
_PASSES = (
    exceptions.VaultDown,
    exceptions.VaultNotInitialized,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.RateLimitExceeded,
)


class VaultProvider:
    """Wraps keys by the transit engine's `encrypt` and `decrypt`."""

    def __init__(self, options: Options) -> None:
        self.name = options.name
        self._url = options.need("URL")
        self._key = options.need("KEY")
        self._token = options.secret("TOKEN")
        self._mount = options.get("MOUNT", "transit")
        self._namespace = options.get("NAMESPACE") or None
        self._ca_file = options.get("CA_FILE") or True

    def current_key_id(self) -> str:
        return self._key

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        data = self._call("encrypt_data", key_id, place, plaintext=_text(data_key))
        return str(data["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        data = self._call("decrypt_data", key_id, place, ciphertext=wrapped.decode())
        return base64.b64decode(data["plaintext"])

    def _call(self, operation: str, key: str, place: str, **arguments: str) -> dict[str, Any]:
        call = getattr(self._client.secrets.transit, operation)
        try:
            answer = call(
                name=key,
                mount_point=self._mount,
                associated_data=_text(place.encode()),
                **arguments,
            )
        except _PASSES as error:
            raise KeysUnavailable(f"{self.name} (Vault) said {type(error).__name__}.") from error
        except requests.RequestException as error:
            raise KeysUnavailable(f"{self.name} (Vault) does not answer.") from error
        except exceptions.InvalidRequest as error:
            if any(words in str(error) for words in _CHANGED):
                raise CannotOpen("the wrapped key does not open in this place") from error
            raise KeysRefused(f"{self.name} (Vault) calls the request invalid.") from error
        except exceptions.VaultError as error:
            raise KeysRefused(f"{self.name} (Vault) said {type(error).__name__}.") from error
        data: dict[str, Any] = answer["data"]
        return data

    @cached_property
    def _client(self) -> Any:
        session = requests.Session()
        session.trust_env = False  # no proxy from the environment stands between us and the keys
        return hvac.Client(
            url=self._url,
            token=self._token,
            namespace=self._namespace,
            verify=self._ca_file,
            timeout=(CONNECT_S, READ_S),
            session=session,
            allow_redirects=False,
        )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
