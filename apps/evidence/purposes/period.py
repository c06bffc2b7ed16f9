"""Everything in a period: orgs, scopes, data flows, emergencies, reviews and the ledger."""

from uuid import UUID

from django.db.models import QuerySet

from apps.evidence.purposes.purpose import Part, Purpose, in_window
from apps.evidence.sections import controls, emergency, ledger, orgs, reviews, scopes, sync
from apps.evidence.sections.window import Window
from apps.ledger.models import Event


def _events(window: Window, _subject: UUID | None) -> QuerySet[Event]:
    return in_window(window)


PURPOSE = Purpose(
    code="period",
    parts=(
        Part("orgs", orgs.write, "orgs.heading"),
        Part("scopes", scopes.write, "scopes.heading"),
        Part("sync", sync.write, "sync.heading"),
        Part("emergency", emergency.write, "emergency.heading"),
        Part("reviews", reviews.write, "reviews.heading"),
        Part("controls", controls.write, "controls.heading"),
        Part("ledger", ledger.write, "ledger.heading"),
    ),
    events=_events,
    is_whole=True,
    never_holds=("use",),
)
