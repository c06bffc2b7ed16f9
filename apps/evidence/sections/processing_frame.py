"""What surrounds processing: GDPR Art. 30(1)(a), (f), (g). What nobody recorded is unknown."""

from apps.evidence.pack.content import Checked, Finding, Section, Table
from apps.evidence.sections.brief import Brief
from apps.tenancy.selectors import current_tenant

UNKNOWN_HERE = ("contact", "joint", "representative", "officer")
LIMITS = ("payload", "org_data", "ledger", "packs")
MEASURES = ("residency", "masking", "encryption", "separation", "dual", "ledger")


def write_controller(brief: Brief) -> Section:
    """Who is answerable. The console knows a name and says so of everything else."""
    say = brief.say
    unknown = tuple((say(f"controller.{name}"), say("controller.unknown")) for name in UNKNOWN_HERE)
    return Section(
        heading=say("controller.heading"),
        summary=say("controller.summary"),
        result="unknown",
        exceptions=(
            Finding(
                what=say("controller.finding"), result="unknown", detail=say("controller.detail")
            ),
        ),
        checked=(Checked(what=say("controller.check"), by=say("by.evidence"), result="good"),),
        tables=(
            Table(
                caption=say("controller.caption"),
                columns=brief.columns("controller.columns"),
                rows=((say("controller.name"), current_tenant().name), *unknown),
            ),
        ),
    )


def write_security(brief: Brief) -> Section:
    """Time limits and measures: those that code enforces; limits beyond the console are unknown."""
    say = brief.say
    limits = tuple((say(f"security.{name}"), say(f"security.{name}_limit")) for name in LIMITS)
    measures = tuple(
        (say(f"security.rows.{name}"), say(f"security.rows.{name}_how")) for name in MEASURES
    )
    return Section(
        heading=say("security.heading"),
        summary=say("security.summary"),
        result="unknown",
        exceptions=(
            Finding(what=say("security.finding"), result="unknown", detail=say("security.detail")),
        ),
        checked=(Checked(what=say("security.check"), by=say("by.evidence"), result="good"),),
        tables=(
            Table(
                caption=say("security.caption"),
                columns=brief.columns("security.columns"),
                rows=limits,
            ),
            Table(
                caption=say("security.measures"),
                columns=brief.columns("security.measure_columns"),
                rows=measures,
            ),
        ),
    )
