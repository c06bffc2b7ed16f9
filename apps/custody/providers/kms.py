"""Key-encryption keys in AWS KMS. Options: KEY (an ARN), REGION, ENDPOINT (another KMS-compatible
service). Credentials come from where the AWS libraries look for them.

The place is the encryption context: KMS opens nothing under another one, and its log names it.
"""

from functools import cached_property
from typing import Any, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from apps.common.keyring import CannotOpen
from apps.custody.providers.base import CONNECT_S, READ_S, KeysRefused, KeysUnavailable, Options

# https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html (Errors)
_DOES_NOT_OPEN = {"InvalidCiphertextException", "IncorrectKeyException"}
_PASSES = {
    "DependencyTimeoutException",
    "KMSInternalException",
    "KeyUnavailableException",
    "ThrottlingException",
    "LimitExceededException",
    "InternalFailure",
    "ServiceUnavailable",
}
SERVER_FAULT = 500


class KmsProvider:
    """Wraps keys by `Encrypt` and `Decrypt` under one KMS key."""

    def __init__(self, options: Options) -> None:
        self.name = options.name
        self._key = options.need("KEY")
        self._region = options.need("REGION")
        self._endpoint = options.get("ENDPOINT") or None

    def current_key_id(self) -> str:
        return self._key

    def wrap(self, data_key: bytes, *, key_id: str, place: str) -> bytes:
        answer = self._call("encrypt", KeyId=key_id, Plaintext=data_key, **_bound(place))
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, *, key_id: str, place: str) -> bytes:
        answer = self._call("decrypt", KeyId=key_id, CiphertextBlob=wrapped, **_bound(place))
        return bytes(answer["Plaintext"])

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**arguments)
        except ClientError as error:
            self._refuse(error)
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise KeysRefused(f"{self.name} has no AWS credentials.") from error
        except BotoCoreError as error:
            raise KeysUnavailable(f"{self.name} (AWS KMS) does not answer.") from error
        return answer

    def _refuse(self, error: ClientError) -> NoReturn:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in _DOES_NOT_OPEN:
            raise CannotOpen("the wrapped key does not open in this place") from error
        if code in _PASSES or status >= SERVER_FAULT:
            raise KeysUnavailable(f"{self.name} (AWS KMS) said {code}.") from error
        raise KeysRefused(f"{self.name} (AWS KMS) said {code}.") from error

    @cached_property
    def _client(self) -> Any:
        return boto3.session.Session().client(
            "kms",
            region_name=self._region,
            endpoint_url=self._endpoint,
            config=Config(
                connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": 1}
            ),
        )


def _bound(place: str) -> dict[str, Any]:
    return {"EncryptionContext": {"place": place}}
