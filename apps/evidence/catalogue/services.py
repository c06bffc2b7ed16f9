"""Running the checks: on schedule, or because somebody asked."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import ServiceActor
from apps.common.errors import Conflict
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.evidence.catalogue import selectors
from apps.evidence.catalogue.models import CheckResult, CheckRun
from apps.evidence.catalogue.registry import SENTENCE_LENGTH, Check, Outcome, unknown
from apps.ledger import services as ledger
from apps.tenancy import policies as tenancy

CHECKER = ServiceActor("evidence")
GIVEN_UP_AFTER = timedelta(minutes=10)
log = logging.getLogger(__name__)


@transaction.atomic
def request_run(*, actor: User | None, now: datetime) -> CheckRun:
    """Ask for all checks to be run; None is the schedule. Raises `Denied`, `Conflict`."""
    if actor is not None:
        tenancy.may(actor, powers.READ_CONTROLS).require()
    last = selectors.latest_run()
    if last and last.finished_at is None and now - last.asked_at < GIVEN_UP_AFTER:
        raise Conflict("The checks are being run already. Wait for their results.")
    run: CheckRun = CheckRun.objects.create(asked_by=actor, asked_at=now)
    ledger.record(actor=actor or CHECKER, action="evidence.checks.requested", target=run, at=now)
    enqueue("evidence.run_checks", run_id=run.pk)
    return run


def run_checks(*, tenant_id: UUID, run_id: UUID, checks: list[Check], now: datetime) -> None:
    """Run each check in a transaction of its own, then keep all results in one.

    A check that breaks is unknown: it could not tell. A second delivery of a run that has
    finished changes nothing.
    """
    found = {each.name: _ask(each, tenant_id, now) for each in checks}
    with scoped(tenant_id=tenant_id):
        run: CheckRun | None = CheckRun.objects.select_for_update().filter(pk=run_id).first()
        if run is None or run.finished_at is not None:
            return
        before = {name: known.result for name, known in selectors.newest_results().items()}
        kept = [_keep(run, each, found[each.name], now) for each in checks]
        _tell_first(run, [one for one in kept if one.name not in before])
        for one in kept:
            if one.name in before:
                _tell(one, before[one.name])
        run.finished_at = now
        run.save(update_fields=["finished_at"])


def _ask(each: Check, tenant_id: UUID, now: datetime) -> Outcome:
    try:
        with scoped(tenant_id=tenant_id):
            return each.run(now)
    except DatabaseError:
        log.exception("check %s could not read", each.name)
        return unknown("The check could not read what it judges from the database.")
    except Exception as error:
        log.exception("check %s broke", each.name)
        return unknown(f"The check could not be carried out ({type(error).__name__}).")


def _keep(run: CheckRun, each: Check, outcome: Outcome, now: datetime) -> CheckResult:
    kept: CheckResult = CheckResult.objects.create(
        run=run,
        control=each.control,
        name=each.name,
        result=outcome.result,
        sentence=outcome.sentence[:SENTENCE_LENGTH],
        at=now,
    )
    return kept


def _tell_first(run: CheckRun, kept: list[CheckResult]) -> None:
    """Record what checks found that had never been run: all in one event, as it is one finding."""
    if kept:
        ledger.record(
            actor=CHECKER,
            action="evidence.controls.first_judged",
            target=run,
            at=kept[0].at,
            data={f"{one.control}, {one.name}": one.result for one in kept},
        )


def _tell(kept: CheckResult, before: str) -> None:
    """Record that a result changed."""
    if kept.result == before:
        return
    ledger.record(
        actor=CHECKER,
        action="evidence.control.changed",
        target=kept,
        at=kept.at,
        data={
            "control": kept.control,
            "check": kept.name,
            "from": before,
            "to": kept.result,
        },
    )
