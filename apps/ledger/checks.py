"""What can be misconfigured about anchors, said before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from apps.ledger.anchoring.config import outsides


@checks.register("ledger")
def places_outside_can_be_read(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Every place outside that the settings name is written as it must be."""
    try:
        outsides()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="ledger.E001")]
    return []
