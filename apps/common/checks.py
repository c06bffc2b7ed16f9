"""System checks that hold for every model: a table is a tenant's or declared tenant-free."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks

from apps.common.models import TenantOwned

# Tables of libraries that hold nothing of a tenant's. Everything else must say what it is.
TENANT_FREE_APPS = {"contenttypes", "sessions", "axes", "django_celery_beat", "admin", "guardian"}
TENANT_FREE = {"auth.Permission", "auth.Group", "auth.Group_permissions"}


@checks.register("tenancy")
def every_model_is_placed(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Each model is `TenantOwned`, carries `row_security` words of its own, or is tenant-free."""
    return [
        checks.Error(
            f"{model._meta.label} is neither tenant-owned nor declared tenant-free.",
            hint="Inherit apps.common.models.TenantOwned, or set `row_security = '…why…'`.",
            obj=model,
            id="common.E001",
        )
        for model in apps.get_models(include_auto_created=True)
        if not _is_placed(model)
    ]


def _is_placed(model: Any) -> bool:
    return (
        issubclass(model, TenantOwned)
        or bool(getattr(model, "row_security", ""))
        or model._meta.app_label in TENANT_FREE_APPS
        or model._meta.label in TENANT_FREE
        or model._meta.label in ROW_SECURED_BY_ACCOUNTS
    )


# Library tables whose rows belong to one person; migrations of `accounts` shut them.
ROW_SECURED_BY_ACCOUNTS = {
    "otp_totp.TOTPDevice",
    "otp_static.StaticDevice",
    "otp_static.StaticToken",
    "accounts.User_groups",
    "accounts.User_user_permissions",
}
