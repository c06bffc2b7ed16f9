"""One emergency access from the first word to the proof that it is dead."""

from django.db.models import Count

from apps.breakglass.models import Request
from apps.breakglass.selectors import every_approval, standing_approvals
from apps.breakglass.states import TERMINAL, State
from apps.evidence.pack.content import Bar, Chart, Checked, Section, Table
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.emergency import (
    USED,
    findings,
    is_dual_control,
    role_words,
)
from apps.evidence.sections.ledger import act_words
from apps.evidence.sections.results import worst


def write(brief: Brief) -> Section:
    """The request as it was signed, each signature, and what was done under it."""
    say = brief.say
    rows = Request.objects.select_related("requester", "connection", "policy")
    asked = rows.prefetch_related("approvals__by").get(pk=brief.subject)
    checked = _checked(brief, asked) if asked.state in USED else ()
    exceptions = findings(brief, asked)
    acts = _acts(brief)
    still_open = asked.state not in TERMINAL
    return Section(
        heading=say("one_emergency.heading", case=asked.case_reference),
        summary=say(
            "one_emergency.summary",
            who=asked.requester.name,
            org=asked.connection.name,
            length=_length(brief, asked),
            state=say.choice("request", asked.state, asked.get_state_display()),
        ),
        result=worst(
            [*(c.result for c in checked), *(f.result for f in exceptions)],
            nothing="unknown" if still_open else "good",
        ),
        exceptions=exceptions,
        checked=checked,
        charts=(_chart(brief, acts),) if acts else (),
        tables=(_facts(brief, asked), _signatures(brief, asked), _table(brief, acts)),
    )


def _length(brief: Brief, asked: Request) -> str:
    return brief.say("one_emergency.minutes", n=int(asked.duration.total_seconds() // 60))


def _checked(brief: Brief, asked: Request) -> tuple[Checked, ...]:
    say, by = brief.say, brief.say("by.breakglass")
    signed = standing_approvals(asked)
    in_time = asked.ended_at and asked.deadline_at and asked.ended_at <= asked.deadline_at
    proven = asked.state == State.CLOSED
    return (
        Checked(
            what=say("one_emergency.signed"),
            by=by,
            result="good" if is_dual_control(asked, signed) else "danger",
            note="; ".join(f"{role_words(brief, a)}: {a.by.name}" for a in signed)[:400],
        ),
        Checked(
            what=say("one_emergency.sealed"),
            by=by,
            result="good" if asked.hash_now() == asked.content_hash else "danger",
            note=asked.content_hash,
        ),
        Checked(
            what=say("one_emergency.in_time"),
            by=by,
            result="good" if in_time else "attention" if asked.ended_at else "unknown",
            note=say(
                "one_emergency.in_time_note",
                deadline=brief.moment(asked.deadline_at),
                ended=brief.moment(asked.ended_at),
            ),
        ),
        Checked(
            what=say("one_emergency.dead"),
            by=by,
            result="good" if proven else "unknown",
            note=say(
                "one_emergency.dead_note",
                at=brief.moment(asked.closed_at),
                attempt=asked.rotation_attempts,
            ),
        ),
    )


def _acts(brief: Brief) -> list[tuple[str, int]]:
    rows = brief.events.order_by().values("action").annotate(n=Count("id"))
    return [(row["action"], row["n"]) for row in rows.order_by("-n", "action")[:100]]


def _chart(brief: Brief, acts: list[tuple[str, int]]) -> Chart:
    bars = tuple(Bar(label=act_words(brief, action), value=count) for action, count in acts[:12])
    return Chart(caption=brief.say("one_emergency.calls"), bars=bars)


def _table(brief: Brief, acts: list[tuple[str, int]]) -> Table:
    return Table(
        caption=brief.say("one_emergency.acts"),
        columns=brief.columns("one_emergency.act_columns"),
        rows=tuple(
            (act_words(brief, action), action, brief.say.number(count)) for action, count in acts
        ),
    )


def _facts(brief: Brief, asked: Request) -> Table:
    say = brief.say
    reason = say.choice("end_reason", asked.end_reason, asked.get_end_reason_display())
    values = {
        "case": asked.case_reference,
        "org": asked.connection.name,
        "who": asked.requester.name,
        "asked": brief.moment_or_dash(asked.submitted_at),
        "length": _length(brief, asked),
        "records": say.number(asked.record_count),
        "networks": ", ".join(asked.networks),
        "hash": asked.content_hash or say("common.dash"),
        "from": brief.moment_or_dash(asked.activated_at),
        "deadline": brief.moment_or_dash(asked.deadline_at),
        "ended": brief.moment_or_dash(asked.ended_at),
        "reason": reason or say("common.dash"),
    }
    return Table(
        caption=say("one_emergency.facts"),
        columns=brief.columns("one_emergency.columns"),
        rows=tuple(
            (say(f"one_emergency.rows.{name}"), values[name])
            for name in say.names("one_emergency.rows")
        ),
    )


def _signatures(brief: Brief, asked: Request) -> Table:
    say = brief.say
    return Table(
        caption=say("one_emergency.signatures"),
        columns=brief.columns("one_emergency.signature_columns"),
        rows=tuple(
            (
                role_words(brief, approval),
                approval.by.name,
                brief.moment(approval.at),
                say("one_emergency.yes") if approval.stands else say("one_emergency.no"),
            )
            for approval in every_approval(asked)
        ),
    )
