"""Second factors: enrolment, the sign-in check, and the fresh factor for one decision."""

import base64
import hashlib
import math
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import rfc8785
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken

from apps.accounts.errors import FactorRefused, TooManyCodes, WrongCode
from apps.accounts.models import Authenticator, FreshFactor, RecoveryCodes, User
from apps.common.clock import not_before
from apps.common.errors import Invalid
from apps.common.scope import after_rollback
from apps.ledger import services as ledger

FACTOR_LIFE = timedelta(seconds=60)
RECOVERY_CODES = 10
SUBJECT = re.compile(r"[A-Za-z0-9:._-]{0,128}")
SECRET_BYTES = 20  # RFC 4226 §4 R6 asks for 160 bits


def begin_enrolment(*, user: User) -> Authenticator:
    """A new, unconfirmed authenticator with a sealed secret; replaces an unfinished one."""
    Authenticator.objects.filter(user=user, confirmed=False).delete()
    device = Authenticator(user=user, name="Authenticator app", confirmed=False, tolerance=1)
    device.keep_secret(secrets.token_bytes(SECRET_BYTES))
    device.save()
    return device


@transaction.atomic
def confirm_enrolment(*, user: User, code: str, device_id: int) -> list[str]:
    """Accept the device once it shows a right code; returns recovery codes, shown once only.

    `device_id` names the device whose secret this person was shown; another one's code is no
    proof. Only a first device is accepted. Raises `WrongCode`.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two confirmations at once queue here
    rows = Authenticator.objects.filter(user=user)
    first = not rows.filter(confirmed=True).exists()
    device = rows.filter(confirmed=False, pk=device_id).first() if first else None
    if device is None or not device.verify_token(_digits(code)):
        raise WrongCode(
            "That code is not right. Check the phone's clock and try the next one.", field="code"
        )
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    return issue_recovery_codes(user=user)


def issue_recovery_codes(*, user: User) -> list[str]:
    """Ten new codes; any older ones stop working. Only digests are stored."""
    RecoveryCodes.objects.filter(user=user).delete()
    device = RecoveryCodes.objects.create(user=user, name="Recovery codes", confirmed=True)
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=device.digest(code)) for code in codes
    )
    return codes


def verify_sign_in(*, user: User, code: str) -> Authenticator | RecoveryCodes:
    """The device that accepts this sign-in code. Raises `WrongCode`; used codes never work."""
    device = _device_of(user)
    plain = code.replace(" ", "")
    if plain.isdigit():
        _require_patience(device)
        if device is not None and device.verify_token(_digits(plain)):
            return device
    else:
        spare: RecoveryCodes | None = RecoveryCodes.objects.filter(user=user).first()
        if spare is not None and spare.verify_token(plain):
            return spare
    _remember_failure(device)
    raise WrongCode("That code is wrong or was used before. Wait for the next one.", field="code")


def prove(*, user: User, code: str, decision: str, subject: str, now: datetime) -> FreshFactor:
    """Turn a code into a fresh factor bound to one decision about one subject.

    `subject` is a digest or a name of ours, because the ledger keeps it; anything else came from a
    form that was tampered with. The code is spent even when the decision is refused afterwards.
    Raises `WrongCode`, `FactorRefused`.
    """
    if not SUBJECT.fullmatch(subject):
        raise FactorRefused("This page is damaged. Load it again and look once more.", field="code")
    device = _device_of(user)
    _require_patience(device)
    if device is None or not device.verify_token(_digits(code)):
        _remember_failure(device)
        _record_failure(user, decision=decision, at=now)
        raise WrongCode(
            "That code is wrong or was used before. Wait for the next one.", field="code"
        )
    device_pk, last_t = device.pk, device.last_t
    after_rollback(lambda: _spend(device_pk, last_t=last_t))
    proved_at = not_before(now)
    factor = FreshFactor.objects.create(
        user=user,
        decision=decision,
        subject=subject,
        device=device.persistent_id,
        time_step=device.last_t,
        proved_at=proved_at,
        expires_at=proved_at + FACTOR_LIFE,
    )
    ledger.record(
        actor=user,
        action="accounts.factor.proved",
        target=factor,
        at=proved_at,
        data={"decision": decision, "subject": subject},
    )
    return factor


def spend_factor(
    *, factor: FreshFactor, user: User, decision: str, subject: str, now: datetime
) -> None:
    """Use a fresh factor for its decision, once. Raises `FactorRefused`."""
    fresh = FreshFactor.objects.select_for_update().filter(pk=factor.pk).first()
    fits = (
        fresh is not None
        and fresh.user_id == user.pk
        and fresh.decision == decision
        and fresh.subject == subject
    )
    if fresh is None or not fits:
        raise FactorRefused(
            "This confirmation was given for something else. Enter a new code.", field="code"
        )
    if fresh.spent_at is not None or not_before(now) > fresh.expires_at:
        raise FactorRefused("This confirmation has expired. Enter a new code.", field="code")
    fresh.spent_at = now
    fresh.save(update_fields=["spent_at"])


def confirm(
    *, user: User, code: str, decision: str, content: Mapping[str, Any], now: datetime
) -> None:
    """Prove a code for one decision about this content and spend it, after all else was checked.

    `content` is what was on the form, without secrets: its digest (RFC 8785, SHA-256) stands in the
    ledger. A service calls this last, so that a mistake on the form costs no code. Raises
    `Invalid` when no code was entered, `WrongCode`, `FactorRefused`.
    """
    if not _digits(code):
        raise Invalid("Enter the code that your authenticator app shows.", field="code")
    subject = digest_of(content)
    factor = prove(user=user, code=code, decision=decision, subject=subject, now=now)
    spend_factor(factor=factor, user=user, decision=decision, subject=subject, now=now)


def digest_of(content: Mapping[str, Any]) -> str:
    """What a factor is bound to: SHA-256 of the content's canonical JSON (RFC 8785), in hex."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


def otpauth_url(device: Authenticator) -> str:
    """The `otpauth://` address that an authenticator app reads from the picture."""
    secret = base64.b32encode(device.bin_key).decode()
    label = quote(f"{settings.OTP_TOTP_ISSUER}:{device.user.email}")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(settings.OTP_TOTP_ISSUER)}"


def current_code(device: Authenticator, *, at: datetime) -> str:
    """The code that the person's phone shows at that time; for the demo's accounts and tests."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = at.timestamp()
    return f"{totp.token():0{device.digits}d}"


def _record_failure(user: User, *, decision: str, at: datetime) -> None:
    """Tell the ledger of a wrong code, whether the request goes on or is undone."""
    event_id = uuid4()

    def tell() -> None:
        ledger.record(
            actor=user,
            action="accounts.factor.failed",
            target=user,
            at=at,
            data={"decision": decision},
            event_id=event_id,
        )

    tell()
    after_rollback(tell)


def _device_of(user: User) -> Authenticator | None:
    rows = Authenticator.objects.select_for_update().filter(user=user, confirmed=True)
    device: Authenticator | None = rows.first()
    return device


def _require_patience(device: Authenticator | None) -> None:
    """Say how long to wait after wrong codes, instead of calling a right one wrong."""
    if device is None:
        return
    allowed, why = device.verify_is_allowed()
    if allowed:
        return
    left = (why["locked_until"] - timezone.now()).total_seconds()
    seconds = max(1, math.ceil(left))
    raise TooManyCodes(
        f"Wrong codes were entered. Wait {seconds} {'second' if seconds == 1 else 'seconds'}, "
        "then enter a fresh one.",
        field="code",
    )


def _digits(code: str) -> str:
    return "".join(character for character in code if character.isascii() and character.isdigit())


def _spend(device_pk: int, *, last_t: int) -> None:
    Authenticator.objects.filter(pk=device_pk, last_t__lt=last_t).update(last_t=last_t)


def _remember_failure(device: Authenticator | None) -> None:
    """Keep the failure count, which slows guessing, though the request may be undone."""
    if device is None:
        return
    count, at = device.throttling_failure_count, device.throttling_failure_timestamp

    def keep() -> None:
        Authenticator.objects.filter(pk=device.pk).update(
            throttling_failure_count=count, throttling_failure_timestamp=at
        )

    after_rollback(keep)
