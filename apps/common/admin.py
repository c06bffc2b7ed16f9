"""The console's admin site and the read-only lists it shows."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import include, path
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from apps.common.routes import VERIFIED


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]
    """Explore lists. Whoever passes the gate may enter; each list has its own power."""

    route_policy: ClassVar[str] = VERIFIED
    enable_nav_sidebar = True

    def register(self, models: Any, admin_class: Any = None, **options: Any) -> None:
        """Take lists that name the power they need. Libraries' own pages are not shown."""
        if getattr(admin_class, "route_policy", ""):
            super().register(models, admin_class, **options)

    def get_urls(self) -> list[Any]:
        """The index and the lists; signing in, passwords and search have pages of their own."""
        own = super().get_urls()
        kept = [url for url in own if getattr(url, "name", "") in {"index", "app_list", "jsi18n"}]
        return [*kept, *self._list_urls()]

    def _list_urls(self) -> list[Any]:
        return [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(entry.urls))
            for model, entry in self._registry.items()
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request, "gate_passed", False))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The shell: the menu by power even beside a refusal, the tenant, and the others."""
        context: dict[str, Any] = super().each_context(request)
        context["sidebar_navigation"] = self.get_sidebar_list(request)
        tenants = context["site_dropdown"]
        current = [item.title for item in tenants if (item.attrs or {}).get("current")]
        context["tenant_name"] = current[0] if current else ""
        context["other_tenants"] = [
            item for item in tenants if not (item.attrs or {}).get("current")
        ]
        return context


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """A list to explore. Nothing is added, changed or deleted here: verbs have pages of their own.

    `route_policy` names the power that a person needs to see the list.
    """

    route_policy: ClassVar[str] = ""
    actions = None
    list_per_page = 50
    show_full_result_count = False
    list_fullwidth = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request, "powers", None)) and self.route_policy in request.powers  # type: ignore[attr-defined]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


__all__ = ["ConsoleSite", "ReadOnlyAdmin", "admin"]
