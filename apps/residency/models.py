"""Zones, field classes and flow rules; what decides is frozen in a published policy version."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned


class DataClass(models.TextChoices):
    """How freely a field's values may travel. A field nobody classified counts as restricted."""

    FIT = "fit", "Fit for models"
    RESTRICTED = "restricted", "Restricted"
    NEVER = "never", "Never leaves"


class Purpose(models.TextChoices):
    """What a flow is for. A flow with any other purpose is denied."""

    CASE_SUMMARY = "case-summary", "Summarise cases"
    EMERGENCY = "emergency-access", "Emergency access"
    EXPORT = "evidence-export", "Evidence export"


class Effect(models.TextChoices):
    """What a rule does with a field. Of several matching rules the strictest wins."""

    ALLOW = "allow", "Allow"
    MASK = "mask", "Mask"
    DENY = "deny", "Deny"


class Zone(TenantOwned):
    """A place where data may be held: a name for one or more jurisdictions (ISO 3166-1 alpha-2).

    Orgs and endpoints belong to a zone. A change decides nothing before a policy version with it
    is published. `networks` (CIDR) are the ranges that belong to it; none means nobody said them.
    """

    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=60)
    jurisdictions = ArrayField(models.CharField(max_length=2))
    networks = ArrayField(models.CharField(max_length=43), default=list, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "slug"], name="zone_slug_once"),
            models.CheckConstraint(
                condition=models.Q(jurisdictions__len__gt=0), name="zone_lies_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FieldClass(TenantOwned):
    """The class of one field of one object, as the next policy version will hold it."""

    object_name = models.CharField(max_length=80)
    field_name = models.CharField(max_length=80)
    data_class = models.CharField(max_length=12, choices=DataClass)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "object_name", "field_name"], name="field_classified_once"
            ),
            models.CheckConstraint(
                condition=models.Q(data_class__in=DataClass.values), name="field_class_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.object_name}.{self.field_name}"


class PolicyVersion(TenantOwned):
    """Zones, classes and rules that decide together. Published versions never change.

    `content` and its SHA-256 `content_hash` (over RFC 8785 canonical JSON) are set when it is
    published; the newest published version is the one in force.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    TRANSITIONS: ClassVar[dict[str, frozenset[str]]] = {
        State.DRAFT: frozenset({State.PUBLISHED}),
        State.PUBLISHED: frozenset(),
    }

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    content = models.JSONField(null=True)
    content_hash = models.CharField(
        max_length=64, blank=True, default="", validators=[RegexValidator("^[0-9a-f]{64}$")]
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="policy_number_once"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(state="draft"), name="one_policy_draft"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state="draft", content__isnull=True, content_hash="", published_at=None
                )
                | models.Q(
                    state="published",
                    content__isnull=False,
                    published_at__isnull=False,
                    published_by__isnull=False,
                    content_hash__regex="^[0-9a-f]{64}$",
                ),
                name="policy_published_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Policy version {self.number}"


class FlowRule(TenantOwned):
    """One row of a policy version: which flows of which data to which places, and the effect.

    Empty lists and a null zone mean "any"; a rule that permits must say where to.
    """

    ANY_CLASS = "any"
    CLASSES: ClassVar[list[tuple[str, str]]] = [
        ("fit", "Fit for models"),
        ("restricted", "Restricted"),
        (ANY_CLASS, "Any class"),
    ]

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="rules")
    order = models.PositiveIntegerField()
    name = models.SlugField(max_length=60)
    data_class = models.CharField(max_length=12, choices=CLASSES)
    subject_jurisdictions = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    purpose = models.CharField(max_length=30, choices=Purpose, blank=True, default="")
    destination_zone = models.ForeignKey(
        Zone, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    destination_jurisdictions = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    effect = models.CharField(max_length=8, choices=Effect)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="rule_name_once"),
            models.UniqueConstraint(fields=["version", "order"], name="rule_order_once"),
            models.CheckConstraint(
                condition=models.Q(effect="deny")
                | models.Q(effect__in=["allow", "mask"], destination_zone__isnull=False)
                | models.Q(effect__in=["allow", "mask"], destination_jurisdictions__len__gt=0),
                name="permit_says_where",
            ),
        ]

    def __str__(self) -> str:
        return self.name
