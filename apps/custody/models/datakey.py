"""Wrapped data keys."""

from django.db import models
from django.db.models.functions import Now

from apps.common.models import TenantOwned


class DataKey(TenantOwned):
    """A tenant's key for one purpose, wrapped by a provider. Older versions stay for opening."""

    purpose = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    provider = models.CharField(max_length=20)
    key_id = models.CharField(max_length=120)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "purpose", "version"], name="key_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} v{self.version}"
