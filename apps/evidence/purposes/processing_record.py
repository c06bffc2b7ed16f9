"""The record of processing activities that GDPR Art. 30(1) asks of a controller."""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.evidence.purposes.purpose import Part, Purpose, in_window
from apps.evidence.sections import controls, ledger, processing, processing_frame
from apps.evidence.sections.window import Window
from apps.ledger.models import Event

ABOUT = ("sync.", "llm.", "residency.")


def _events(window: Window, _subject: UUID | None) -> QuerySet[Event]:
    """What was recorded about flows, endpoints and the policy that decides."""
    about = Q()
    for prefix in ABOUT:
        about |= Q(action__startswith=prefix)
    return in_window(window).filter(about)


PURPOSE = Purpose(
    code="processing-record",
    parts=(
        Part("controller", processing_frame.write_controller, "controller.heading"),
        Part("processing", processing.write, "article30.heading"),
        Part("transfers", processing.write_transfers, "transfers.heading"),
        Part("security", processing_frame.write_security, "security.heading"),
        Part("controls", controls.write, "controls.heading"),
        Part("ledger", ledger.write, "ledger.heading"),
    ),
    events=_events,
)
