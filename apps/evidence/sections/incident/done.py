"""What was done about it: every act that the ledger has, and what is not proven yet."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from apps.breakglass.states import State as Access
from apps.changes.states import OPEN as OPEN_CHANGES
from apps.changes.states import State as Change
from apps.evidence.pack.content import Finding, Section, Table
from apps.evidence.sections import emergency
from apps.evidence.sections.brief import Brief
from apps.evidence.sections.incident import rows, words
from apps.evidence.sections.ledger import act_words
from apps.evidence.sections.results import worst
from apps.ledger.models import Event
from apps.ledger.names import names_of

MOST_ACTS, MOST_EXCEPTIONS = 150, 60
# Acts of people, and of the console for them; reading and watching are no response.
_ACTS = (
    "breakglass.request.", "breakglass.token.", "breakglass.rotation.", "breakglass.approval.",
    "changes.", "posture.revocation.", "posture.baseline.", "reviews.item.revocation_",
    "reviews.item.proven_gone", "crm.connection.changed", "crm.connection.disconnected",
    "crm.rights.", "crm.networks.", "crm.path.", "custody.token.",
)  # fmt: skip
_ON_FINDINGS = ("assigned", "accepted", "taken_up", "said_fixed", "gone", "verified")


def write(brief: Brief) -> Section:
    """One row an act, with who did it and to what. Without an act nothing can be judged."""
    say, acts = brief.say, _acts(brief)
    shown = list(acts.order_by("at", "id")[:MOST_ACTS])
    total = acts.count()
    exceptions = tuple(_exceptions(brief))
    return Section(
        heading=say("incident_done.heading"),
        summary=say("incident_done.summary", acts=say.counted(total, "act"), open=len(exceptions)),
        result=worst(
            (found.result for found in exceptions), nothing="good" if total else "unknown"
        ),
        exceptions=exceptions[:MOST_EXCEPTIONS],
        tables=(_table(brief, shown, total),),
    )


def _acts(brief: Brief) -> QuerySet[Event]:
    wanted = Q(action__in=[f"posture.finding.{each}" for each in _ON_FINDINGS])
    for prefix in _ACTS:
        wanted |= Q(action__startswith=prefix)
    return brief.events.filter(wanted)


def _exceptions(brief: Brief) -> Iterator[Finding]:
    yield from _unproven(brief)
    for asked in rows.emergencies_of(brief):
        yield from emergency.findings(brief, asked)
        if asked.state == Access.PENDING:
            yield Finding(
                what=brief.say(
                    "incident.emergency", case=asked.case_reference, who=asked.requester.name
                ),
                result="attention",
                detail=brief.say("incident.pending", until=brief.moment(asked.expires_at)),
            )
    for proposal in rows.changes_in(brief):
        is_open, is_back = proposal.state in OPEN_CHANGES, proposal.state == Change.ROLLED_BACK
        if is_open or is_back:
            yield Finding(
                what=words.change_words(brief, proposal),
                result="unknown" if is_open else "attention",
                detail=words.change_state(brief, proposal),
            )


def _unproven(brief: Brief) -> Iterator[Finding]:
    for revocation in rows.revocations_of(brief):
        result = words.revocation_result(revocation)
        if result:
            what = words.revocation_words(brief, revocation)
            state = words.revocation_state(brief, revocation)
            yield Finding(what=what, result=result, detail=f"{state}. {revocation.note}".strip())


def _table(brief: Brief, shown: list[Event], total: int) -> Table:
    caption = brief.say("incident_done.caption")
    if total > len(shown):
        cut = brief.say("incident.cut", shown=len(shown), total=total)
        caption = f"{caption} {cut}"
    people = names_of((event.actor for event in shown), only_known=True)
    things = _things(brief)
    return Table(
        caption=caption,
        columns=brief.columns("incident_done.columns"),
        rows=tuple(
            (
                brief.moment(event.at),
                act_words(brief, event.action),
                _who(brief, event.actor, people),
                things.get(event.target_id, brief.say("common.dash")),
            )
            for event in shown
        ),
    )


def _who(brief: Brief, actor: str, people: dict[str, str]) -> str:
    """A person's name; one who cannot be seen here any more by a short reference."""
    kind, _, code = actor.partition(":")
    if kind == "service":
        return brief.say.choice("service", code, names_of([actor])[actor])
    return people.get(actor) or brief.say("incident.someone", id=code[:8])


def _things(brief: Brief) -> dict[str, str]:
    """What acts were about, by id, in words people know."""
    asked = rows.emergencies_of(brief)
    return {
        str(brief.subject): rows.org_of(brief).name,
        **{str(each.pk): words.finding_title(each) for each in rows.findings_of(brief)},
        **{str(each.pk): each.case_reference for each in asked},
        **{str(each.token_id): each.case_reference for each in asked if each.token_id},
        **{str(each.pk): words.change_words(brief, each) for each in rows.changes_in(brief)},
        **{str(each.pk): each.target_ref for each in rows.revocations_of(brief)},
    }
