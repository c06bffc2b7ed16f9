from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Registers the `sandbox` command; the app has no models and imports no other app."""

    name = "apps.sandbox"
    verbose_name = "Sandbox org"
