"""One person's signature under one request."""

from django.conf import settings
from django.db import models

from apps.breakglass.models.request import Request
from apps.common.models import TenantOwned
from apps.tenancy.roles import Role

APPROVING_ROLES = (Role.LEGAL_APPROVER, Role.IT_APPROVER)


class Approval(TenantOwned):
    """A signature over a request's content hash, given in one role, with one fresh factor.

    A person signs a request once, whichever of their accounts they use. A signature is never
    changed; it can be voided (its signer lost the role, or it grew too old), and stays visible.
    """

    class Void(models.TextChoices):
        AUTHORITY_LOST = "authority_lost", "The signer may no longer approve this"
        EXPIRED = "expired", "The signature grew too old"
        CONTENT_CHANGED = "content_changed", "What was signed is not what is asked"

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="approvals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    content_hash = models.CharField(max_length=64)
    factor = models.OneToOneField(
        "accounts.FreshFactor", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=20, choices=Void, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person_id"],
                condition=models.Q(voided_at__isnull=True),
                name="a_person_signs_once",
            ),
            models.UniqueConstraint(
                fields=["request", "by"],
                condition=models.Q(voided_at__isnull=True),
                name="an_account_signs_once",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=APPROVING_ROLES), name="approval_role_approves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} on {self.request_id}"

    @property
    def stands(self) -> bool:
        """Whether it has not been voided."""
        return self.voided_at is None
