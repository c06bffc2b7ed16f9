"""The console's routes with two explore lists that use every part of Unfold's list page."""

from django.urls import path

from apps.common import powers
from apps.common.admin import ConsoleSite, ReadOnlyAdmin
from apps.tenancy.models import Membership
from console import urls


class MembershipAdmin(ReadOnlyAdmin):
    """A list with filters, search, dates and columns to sort by."""

    route_policy = powers.READ_OVERVIEW
    list_display = ["user", "role", "since_at"]
    list_filter = ["role", "since_at"]
    search_fields = ["role"]
    date_hierarchy = "since_at"


site = ConsoleSite(name="admin")
site.register(Membership, MembershipAdmin)
others = [one for one in urls.urlpatterns if getattr(one, "app_name", "") != "admin"]
urlpatterns = [*others, path("explore/", site.urls)]
