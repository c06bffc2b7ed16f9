"""Keys of persons: what is sealed under one dies with it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned
from apps.custody.fields import SealedTextField


class SubjectKey(TenantOwned):
    """A person's key in this tenant, sealed under the tenant's data key.

    Once erased, `sealed` is gone and the row remains as the tombstone: the database lets nobody
    change it again. `fields` names what was ever sealed under the key, never what it said.
    """

    subject = models.CharField(max_length=100)
    secret = SealedTextField(null=True)
    fields = ArrayField(models.CharField(max_length=40), default=list)
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    erased_at = models.DateTimeField(null=True)

    sealed_purpose: ClassVar[str] = "custody.subjects"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "subject"],
                condition=models.Q(erased_at__isnull=True),
                name="one_living_key_per_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(secret__isnull=True, erased_at__isnull=False)
                | models.Q(secret__isnull=False, erased_at__isnull=True),
                name="subject_key_is_gone_when_erased",
            ),
        ]

    def __str__(self) -> str:
        return self.subject
