"""Keeping what became of records and runs, each with its ledger entry in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.common.clock import database_now
from apps.common.errors import DomainError, Outside
from apps.common.jobs import enqueue
from apps.common.scope import scoped
from apps.crm import errors as crm
from apps.ledger import services as ledger
from apps.llm import errors as llm
from apps.sync import selectors
from apps.sync.models import Run, RunItem
from apps.sync.starting import MOST_ATTEMPTS, SYNC, Plan, end_as_failed

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5, 300
# What one record can suffer from while the next one may be fine.
OF_THE_RECORD = (
    crm.ValidationRefused,
    crm.RecordMissing,
    crm.AccessRefused,
    llm.RequestRefused,
    llm.AnswerUnusable,
)


class LeaseLost(Exception):
    """Another attempt has taken the run over, or the run has ended: this one stops."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What happened to one record; no values of it."""

    record_id: str
    fingerprint: str
    masked: int
    model: str = ""
    request_ids: list[str] = field(default_factory=list)
    error: Outside | None = None


def parks(error: Outside, plan: Plan) -> bool:
    """Whether only this record is stuck, so that the run can go on without it."""
    stubborn = isinstance(error, crm.RowLocked) and plan.attempts + 1 >= MOST_ATTEMPTS
    return stubborn or isinstance(error, OF_THE_RECORD)


def settle(plan: Plan, outcome: Outcome) -> None:
    """Keep the record's outcome, move the checkpoint, and record it. Raises `LeaseLost`."""
    error = outcome.error
    with _holding(plan) as run:
        now = database_now()
        RunItem.objects.create(
            run=run,
            record_id=outcome.record_id,
            state=RunItem.State.PARKED if error else RunItem.State.WRITTEN,
            fingerprint=outcome.fingerprint,
            model=outcome.model,
            masked=outcome.masked,
            request_ids=outcome.request_ids,
            error_code=error.code if error else "",
            error=error.message[:400] if error else "",
            at=now,
        )
        run.checkpoint, run.heartbeat_at, run.attempts = outcome.record_id, now, 0
        if error:
            run.parked += 1
        else:
            run.written += 1
        run.save(update_fields=["checkpoint", "heartbeat_at", "attempts", "written", "parked"])
        ledger.record(
            actor=SYNC,
            action="sync.record.parked" if error else "sync.record.summarised",
            target=run,
            at=now,
            data=_entry(plan, outcome, run),
        )


def note_total(plan: Plan, waiting: int) -> None:
    """Keep how many records match: those settled and those waiting. Raises `LeaseLost`."""
    with _holding(plan) as run:
        run.total = run.settled + waiting
        run.save(update_fields=["total"])


def end_batch(plan: Plan, *, more: bool) -> None:
    """Queue the next batch, or finish the run. Raises `LeaseLost`."""
    with _holding(plan) as run:
        now = database_now()
        run.heartbeat_at, run.lease = now, None
        if more:
            run.save()
            enqueue("sync.run_job", run_id=run.pk)
            return
        run.state = Run.State.PARKED if run.parked else Run.State.DONE
        run.finished_at = now
        run.save()
        data = {"written": run.written, "parked": run.parked, "state": run.state}
        ledger.record(actor=SYNC, action="sync.run.finished", target=run, at=now, data=data)


def put_off(plan: Plan, error: DomainError) -> None:
    """Try again later while that can help and attempts are left; else end the run as failed."""
    try:
        with _holding(plan) as run:
            run.attempts += 1
            run.error_code, run.error = error.code, error.message[:400]
            run.lease = None
            now = database_now()
            if isinstance(error, Outside) and error.retryable and run.attempts < MOST_ATTEMPTS:
                _delay(run, now)
            else:
                end_as_failed(run, now)
    except LeaseLost:
        return


def _delay(run: Run, now: datetime) -> None:
    pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (run.attempts - 1))
    run.state, run.heartbeat_at = Run.State.QUEUED, now
    run.resume_at = now + timedelta(seconds=pause)
    run.save()
    data = {"code": run.error_code, "attempt": run.attempts, "seconds": pause}
    ledger.record(actor=SYNC, action="sync.run.delayed", target=run, at=now, data=data)
    enqueue("sync.run_job", countdown=pause + 1, run_id=run.pk)


@contextmanager
def _holding(plan: Plan) -> Iterator[Run]:
    """The run, locked, while this attempt still holds its lease. Raises `LeaseLost`."""
    with scoped(tenant_id=plan.tenant_id):
        run = selectors.lock_run(run_id=plan.run_id)
        if run is None or not run.is_live or run.lease != plan.lease:
            raise LeaseLost
        yield run


def _entry(plan: Plan, outcome: Outcome, run: Run) -> dict[str, object]:
    entry: dict[str, object] = {
        "object": plan.object_name,
        "record": outcome.record_id,
        "fields": list(plan.fields),
        "effect": plan.effect,
        "policy": plan.policy_hash,
        "masked": outcome.masked,
        "fingerprint": outcome.fingerprint,
        "model": outcome.model,
        "requests": outcome.request_ids,
        "for": str(run.started_by_id),
    }
    return {**entry, "code": outcome.error.code} if outcome.error else entry
