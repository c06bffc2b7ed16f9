"""Django admin under our own site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    """`admin.site` is the console's."""

    default_site = "apps.common.admin.ConsoleSite"
