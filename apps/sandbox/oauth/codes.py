"""The authorisation-code grant (RFC 6749, 4.1) with its proof of possession (RFC 7636).

There is no page to consent on: the admin route `authorize` gives a user's consent and the code.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from apps.sandbox.errors import OAuthError
from apps.sandbox.oauth.consumers import Consumer
from apps.sandbox.org import Org, Record
from apps.sandbox.times import read_stamp, stamp

_BUCKET = "code"
_LASTS = timedelta(minutes=15)
_INVALID = OAuthError("invalid_grant", "invalid authorization code")


def new_code(
    org: Org,
    consumer: Consumer,
    user: Record,
    *,
    redirect_uri: str,
    challenge: str,
    now: datetime,
) -> str:
    """A code to be exchanged once; `challenge` is the S256 of a verifier, or empty."""
    code = f"aPrx{secrets.token_urlsafe(40)}"
    kept = {"consumer": consumer.key, "user_id": user["Id"], "redirect_uri": redirect_uri}
    kept |= {"challenge": challenge, "expires_at": stamp(now + _LASTS)}
    org.store.put(_BUCKET, code, kept)
    return code


def user_of_code(org: Org, consumer: Consumer, form: dict[str, str], *, now: datetime) -> Record:
    """Who consented; the code is used up whatever the answer. Raises OAuthError."""
    code = form.get("code", "")
    kept = org.store.get(_BUCKET, code)
    org.store.remove(_BUCKET, code)
    if kept is None or kept["consumer"] != consumer.key:
        raise _INVALID
    if read_stamp(kept["expires_at"]) <= now:
        raise OAuthError("invalid_grant", "expired authorization code")
    if kept["redirect_uri"] != form.get("redirect_uri", ""):
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    if kept["challenge"] and not _proved(kept["challenge"], form.get("code_verifier", "")):
        raise OAuthError("invalid_grant", "invalid code verifier")
    user = org.record("User", kept["user_id"])
    if user is None:
        raise _INVALID
    return user


def _proved(challenge: str, verifier: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(expected.encode(), challenge.encode())
