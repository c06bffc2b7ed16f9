"""Which controls a pack speaks for, and how they stood when it was made."""

from datetime import datetime

from apps.evidence.catalogue.purposes import for_purpose
from apps.evidence.catalogue.selectors import CheckStanding, ControlStanding, results_for
from apps.evidence.pack.content import CheckResult, ControlResult


def controls_for(purpose: str, until: datetime) -> tuple[ControlResult, ...]:
    """The purpose's controls by their checks' last results; of a control without a check a pack
    has nothing to say, so it does not claim to speak for it."""
    standings = results_for(for_purpose(purpose), until=until).values()
    return tuple(_control(each) for each in standings if not each.is_planned)


def _control(standing: ControlStanding) -> ControlResult:
    return ControlResult(
        id=standing.control.id,
        title=standing.control.title,
        result=standing.result,
        checks=tuple(_check(each) for each in standing.checks),
    )


def _check(standing: CheckStanding) -> CheckResult:
    return CheckResult(
        name=standing.check.name,
        question=standing.check.question,
        result=standing.result,
        sentence=standing.sentence,
        at=standing.at,
    )
