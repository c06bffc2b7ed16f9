"""A person, their second factors, and the fresh factor that one decision asks for."""

import base64
import hashlib
import hmac
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Now
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.common import keyring
from apps.common.models import TenantOwned


class UserManager(BaseUserManager["User"]):
    """Accounts are found by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """An account. `person_id` names the human: two accounts of one human share it.

    Quorums count persons, not accounts, so that an alias cannot sign twice. `narrowed_to` holds
    the only powers that a call by API token may use; it lives as long as the request.
    """

    row_security: ClassVar[str] = "own row, the row signing in, and people who share the tenant"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_id = models.UUIDField(default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    narrowed_to: frozenset[str] | None = None
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=models.functions.Lower("email")), name="email_is_lower"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_ref(self) -> str:
        return f"user:{self.pk}"

    @property
    def is_staff(self) -> bool:
        """Django admin's own gate; ours stands before it, so nobody is let in by this."""
        return False


class Authenticator(TOTPDevice):  # type: ignore[misc]
    """A TOTP device whose secret is sealed at rest (RFC 6238 for the codes themselves)."""

    row_security: ClassVar[str] = "the owner's own; shut by the accounts migrations"
    PURPOSE: ClassVar[str] = "accounts.totp"

    class Meta:
        proxy = True

    def keep_secret(self, secret: bytes) -> None:
        """Seal a new secret for this device's owner."""
        key_id = keyring.current_key_id()
        sealed = keyring.seal(
            keyring.derived_key(self.PURPOSE, key_id), secret, place=f"totp/{self.user_id}"
        )
        self.key = f"{key_id}:{base64.urlsafe_b64encode(sealed).decode()}"

    @property
    def bin_key(self) -> bytes:
        key_id, _, sealed = self.key.partition(":")
        return keyring.open_sealed(
            keyring.derived_key(self.PURPOSE, key_id),
            base64.urlsafe_b64decode(sealed),
            place=f"totp/{self.user_id}",
        )


class RecoveryCodes(StaticDevice):  # type: ignore[misc]
    """One-time codes for a lost device, stored as keyed digests only."""

    row_security: ClassVar[str] = "the owner's own; shut by the accounts migrations"
    PURPOSE: ClassVar[str] = "accounts.recovery"

    class Meta:
        proxy = True

    def digest(self, code: str) -> str:
        """80 bits of HMAC-SHA256, which fit the library's column."""
        key = keyring.derived_key(self.PURPOSE, keyring.current_key_id())
        plain = code.replace("-", "").replace(" ", "").lower()
        mac = hmac.new(key, f"{self.user_id}/{plain}".encode(), hashlib.sha256).digest()
        return base64.b32encode(mac[:10]).decode()

    def verify_token(self, token: Any) -> bool:
        return bool(super().verify_token(self.digest(str(token))))


class FreshFactor(TenantOwned):
    """A second factor shown for one decision, usable once and for a minute.

    `decision` is the act (`breakglass.request.approve`), `subject` the hash of what was on the
    page. A factor for one cannot serve the other, and a sign-in factor serves neither.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=80)
    subject = models.CharField(max_length=128)
    device = models.CharField(max_length=80)
    time_step = models.BigIntegerField()
    proved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "time_step"], name="one_use_of_a_code"),
        ]

    def __str__(self) -> str:
        return f"factor for {self.decision}"
