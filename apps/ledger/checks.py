"""What can be misconfigured about anchors, said before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from apps.ledger.anchoring.config import outsides
from apps.ledger.spool import place


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


@checks.register("ledger")
def the_spool_is_private(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A spool directory that is there belongs to this account alone, or nothing is spooled."""
    if not place.is_there():
        return []
    try:
        place.root()
    except place.CannotSpool:
        return [
            checks.Error(
                f"LEDGER_SPOOL ({settings.LEDGER_SPOOL}) has to belong to the console's account"
                " and be closed to all others (chmod 700).",
                id="ledger.E002",
            )
        ]
    return []
