"""What the ledger holds for the period, and that each record still matches its hash."""

from django.db.models import Count

from apps.evidence.pack.content import Checked, Finding, Section, Table
from apps.evidence.sections.window import Window
from apps.evidence.sections.words import counted
from apps.ledger import registry
from apps.ledger.models import Event
from apps.ledger.services import leaf_hash


def write(window: Window) -> Section:
    """Counts by act; every body is hashed again and compared."""
    events = Event.objects.filter(at__gte=window.start, at__lt=window.end)
    rows = events.values_list("id", "body", "leaf")
    changed = [str(pk) for pk, body, leaf in rows if leaf_hash(bytes(body)) != bytes(leaf)]
    counts = events.values("action").annotate(n=Count("id")).order_by("-n", "action")
    total = sum(row["n"] for row in counts)
    refused = sum(row["n"] for row in counts if row["action"] == "ledger.request.refused")
    return Section(
        heading="The ledger",
        summary=(
            f"{counted(total, 'event')} in this period, {refused:,} of them refusals by a "
            "rule. Every record was hashed again when this pack was made."
        ),
        result="danger" if changed else "good",
        exceptions=tuple(
            Finding(what=f"Event {pk} no longer matches its hash", result="danger")
            for pk in changed[:50]
        ),
        checked=(
            Checked(
                what="Each event's bytes against its recorded leaf hash",
                by="evidence service",
                result="danger" if changed else "good",
                note=f"{total:,} compared, {len(changed):,} differ",
            ),
        ),
        tables=(
            Table(
                caption="Events by act",
                columns=("Act", "Code", "Count"),
                rows=tuple(
                    (registry.words_for(row["action"]), row["action"], f"{row['n']:,}")
                    for row in counts[:200]
                ),
            ),
        ),
    )
