"""The checkpoint's note in an S3-compatible bucket, locked in COMPLIANCE mode.

Not even the account's owner can shorten such a lock or remove the version before its end. New
versions of a key remain possible, so the proof names the version.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from apps.ledger.anchoring.outside import AnchorFailed, Held
from apps.ledger.anchoring.rootlog import Signed
from apps.ledger.merkle import Hashes
from apps.ledger.models.anchors import AnchorKind

_CONFIG = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
_BUSY = {"SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "Throttling"}


@dataclass(frozen=True)
class ObjectAnchor:
    """`endpoint` is empty for AWS itself. Credentials come the way boto3 finds them."""

    bucket: str
    prefix: str
    days: int
    endpoint: str = ""
    region: str = ""
    kind: AnchorKind = AnchorKind.OBJECT

    @property
    def place(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"[:200]

    def hold(self, signed: Signed, hashes: Hashes, *, last: int, now: datetime) -> Held:
        """Put, then read back that the version is locked as long as was asked."""
        try:
            self._require_lock()
            return self._put(signed, now)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            busy = code in _BUSY or status >= 500
            raise AnchorFailed(
                "object-refused", f"the bucket said: {code or status}", retryable=busy
            ) from error
        except BotoCoreError as error:
            words = f"the bucket could not be reached: {type(error).__name__}"
            raise AnchorFailed("object-missing", words, retryable=True) from error

    @cached_property
    def _client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint or None,
            region_name=self.region or None,
            config=_CONFIG,
        )

    def _require_lock(self) -> None:
        try:
            found = self._client.get_object_lock_configuration(Bucket=self.bucket)
            enabled = found["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"
        except ClientError as error:
            missing = "ObjectLockConfigurationNotFoundError"
            if error.response.get("Error", {}).get("Code") != missing:
                raise
            enabled = False
        if not enabled:
            words = f"the bucket {self.bucket} has no Object Lock: make one that has"
            raise AnchorFailed("object-unlocked", words, retryable=False)

    def _put(self, signed: Signed, now: datetime) -> Held:
        body = signed.note.encode()
        digest = sha256(body).digest()
        until = (now + timedelta(days=self.days)).replace(microsecond=0)
        key = f"{self.prefix}{signed.size:020d}.note"
        put = self._client.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=body,
            ContentType="text/plain; charset=utf-8",
            ChecksumAlgorithm="SHA256",
            ChecksumSHA256=base64.b64encode(digest).decode(),
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=until,
        )
        version = put.get("VersionId", "")
        self._require_retained(key, version, until)
        proof = {
            "bucket": self.bucket,
            "endpoint": self.endpoint,
            "key": key,
            "retain_until": until.astimezone(UTC).isoformat(),
            "sha256": digest.hex(),
            "version_id": version,
        }
        return Held(json.dumps(proof, sort_keys=True, separators=(",", ":")).encode(), now)

    def _require_retained(self, key: str, version: str, until: datetime) -> None:
        """By HEAD, which tells the lock of one version to whoever may read its retention."""
        place = {"Bucket": self.bucket, "Key": key, "VersionId": version}
        found = self._client.head_object(**place) if version else {}
        locked = found.get("ObjectLockMode") == "COMPLIANCE"
        if not locked or found["ObjectLockRetainUntilDate"] < until:
            words = "the bucket took the checkpoint and did not lock it in compliance mode"
            raise AnchorFailed("object-unlocked", words, retryable=False)
