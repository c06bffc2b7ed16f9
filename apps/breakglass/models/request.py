"""A request for emergency access: what was asked, what was signed, and how it went."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.breakglass import content
from apps.breakglass.models.policy import LONGEST, SHORTEST, EmergencyPolicy
from apps.breakglass.states import TERMINAL, TRANSITIONS, EndReason, State
from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField

AFTER_ACTIVATION = [
    State.ACTIVE,
    State.ENDING,
    State.ROTATING,
    State.ROTATION_FAILED,
    State.CLOSED,
]


class Request(TenantOwned):
    """One person's request to read a few named records of one org for a short time.

    From submission on, everything that `content_hash` covers is frozen by a database trigger.
    `requester_person` names the human, whatever account they use and whether or not they stay.
    `expires_at` ends the wait for signatures; `deadline_at` ends the access and counts from
    activation.
    """

    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requester_person = models.UUIDField()
    connection = models.ForeignKey("crm.Connection", on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(EmergencyPolicy, on_delete=models.PROTECT, related_name="+")
    scope = models.JSONField()
    networks = ArrayField(models.CharField(max_length=43))
    duration = models.DurationField()
    justification = SealedTextField()
    case_reference = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)

    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    refusal = SealedTextField(default="")

    token = models.OneToOneField(
        "custody.IssuedToken", on_delete=models.PROTECT, null=True, related_name="+"
    )
    activated_at = models.DateTimeField(null=True)
    deadline_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason, default="", blank=True)
    rotation_attempts = models.PositiveIntegerField(default=0)
    rotation_tried_at = models.DateTimeField(null=True)
    rotation_failure = models.CharField(max_length=60, default="", blank=True)
    closed_at = models.DateTimeField(null=True)

    sealed_purpose: ClassVar[str] = "breakglass"
    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = TRANSITIONS

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="emergency_by_time"),
            models.Index(fields=["tenant", "state"], name="emergency_by_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="emergency_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(duration__gte=SHORTEST, duration__lte=LONGEST),
                name="emergency_duration_is_sane",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[State.DRAFT, State.WITHDRAWN])
                | models.Q(submitted_at__isnull=False, expires_at__isnull=False),
                name="emergency_waits_until_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=AFTER_ACTIVATION)
                | models.Q(
                    token__isnull=False, activated_at__isnull=False, deadline_at__isnull=False
                ),
                name="emergency_access_has_a_token_and_an_end",
            ),
            models.CheckConstraint(
                condition=models.Q(networks__len__gt=0), name="emergency_is_fenced"
            ),
            models.UniqueConstraint(
                fields=["requester", "connection"],
                condition=models.Q(state=State.PENDING),
                name="one_pending_request_each",
            ),
        ]

    def __str__(self) -> str:
        return f"emergency request {self.case_reference}"

    @property
    def is_over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state in TERMINAL

    @property
    def record_count(self) -> int:
        """How many records it names."""
        return sum(len(part["records"]) for part in self.scope.values())

    def hash_now(self) -> str:
        """The hash of the content as it stands in the row, to compare with what was signed."""
        return content.hash_of(
            tenant_id=self.tenant.pk,
            requester_id=self.requester_id,
            requester_person=self.requester_person,
            connection_id=self.connection_id,
            scope=self.scope,
            networks=list(self.networks),
            duration=self.duration,
            justification=self.justification,
            case_reference=self.case_reference,
            policy_version=self.policy.version,
            quorum=self.policy.quorum,
        )
