"""What the ledger holds for the pack, and that each record still matches its hash."""

from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncDate

from apps.evidence.pack.content import Bar, Chart, Checked, Finding, Result, Section, Table
from apps.evidence.sections.brief import Brief
from apps.ledger import registry
from apps.ledger.services import leaf_hash

MOST_ACTS, MOST_CHANGED, MOST_DAYS = 200, 50, 400
CHUNK = 5000


def write(brief: Brief) -> Section:
    """Counts by act and day; every body is hashed again and compared. Nothing proves nothing."""
    say = brief.say
    changed = _changed(brief)
    counts = _counts(brief)
    total = sum(counts.values())
    refused = counts.get("ledger.request.refused", 0)
    days = _days(brief)
    result: Result = "danger" if changed else "good" if total else "unknown"
    return Section(
        heading=say("ledger.heading"),
        summary=say("ledger.summary", events=say.counted(total, "event"), refused=refused),
        result=result,
        exceptions=tuple(
            Finding(what=say("ledger.changed", id=pk), result="danger")
            for pk in changed[:MOST_CHANGED]
        ),
        checked=(
            Checked(
                what=say("ledger.check"),
                by=say("by.evidence"),
                result=result,
                note=say("ledger.note", total=total, changed=len(changed)),
            ),
        ),
        charts=(_chart(brief, days),) if len(days) > 1 else (),
        tables=(_acts(brief, counts), _day_table(brief, days)),
    )


def act_words(brief: Brief, action: str) -> str:
    """An act in words; in a language that lacks them, its code, which is the same in all."""
    own = registry.words_for(action) if brief.say.code == "en" else action
    return brief.say.choice("act", action, own)


def _changed(brief: Brief) -> list[str]:
    rows = brief.events.order_by().values_list("id", "body", "leaf").iterator(chunk_size=CHUNK)
    return sorted(str(pk) for pk, body, leaf in rows if leaf_hash(bytes(body)) != bytes(leaf))


def _counts(brief: Brief) -> dict[str, int]:
    rows = brief.events.order_by().values("action").annotate(n=Count("id"))
    return {row["action"]: row["n"] for row in rows.order_by("-n", "action")}


def _days(brief: Brief) -> list[tuple[date, int]]:
    rows = brief.events.order_by().annotate(day=TruncDate("at")).values("day")
    counted = rows.annotate(n=Count("id")).order_by("day")
    return [(row["day"], row["n"]) for row in counted[:MOST_DAYS]]


def _chart(brief: Brief, days: list[tuple[date, int]]) -> Chart:
    bars = tuple(Bar(label=day.isoformat(), value=count) for day, count in days)
    return Chart(caption=brief.say("ledger.chart"), bars=bars, upright=True)


def _day_table(brief: Brief, days: list[tuple[date, int]]) -> Table:
    return Table(
        caption=brief.say("ledger.days"),
        columns=brief.columns("ledger.day_columns"),
        rows=tuple((day.isoformat(), brief.say.number(count)) for day, count in days),
    )


def _acts(brief: Brief, counts: dict[str, int]) -> Table:
    return Table(
        caption=brief.say("ledger.caption"),
        columns=brief.columns("ledger.columns"),
        rows=tuple(
            (act_words(brief, action), action, brief.say.number(count))
            for action, count in list(counts.items())[:MOST_ACTS]
        ),
    )
