"""Taking up a run: is it still wanted, may its person still do it, may the data go there now?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from apps.common.actors import ServiceActor
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.ledger import services as ledger
from apps.residency.decide import DENY, Verdict
from apps.sync import flows, policies, prompts, selectors
from apps.sync.models import Run

SYNC = ServiceActor("sync")
MOST_ATTEMPTS = 6  # without a single record settled in between


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a batch needs, read before the transaction was closed."""

    tenant_id: UUID
    run_id: UUID
    lease: UUID
    connection_id: UUID
    endpoint_id: UUID
    object_name: str
    fields: tuple[str, ...]
    masked_fields: tuple[str, ...]
    filter: str
    writeback_field: str
    policy_hash: str
    effect: str
    checkpoint: str
    attempts: int
    fingerprint_key: bytes


def begin(*, tenant_id: UUID, run_id: UUID) -> Plan | None:
    """Take up the run under a new lease; None when it ended, is not due, or is refused now."""
    with scoped(tenant_id=tenant_id):
        run = selectors.lock_run(run_id=run_id)
        now = database_now()
        if run is None or not run.is_live or (run.resume_at and run.resume_at > now):
            return None
        if _left_by_the_dead(run):
            end_as_failed(run, now)
            return None
        verdict = _verdict(run)
        first = not run.effect
        run.effect, run.rules = verdict.effect, list(verdict.rules)
        run.reasons, run.policy_hash = list(verdict.reasons), verdict.policy_hash
        run.started_at = run.started_at or now
        run.heartbeat_at, run.resume_at, run.lease = now, None, uuid4()
        run.state = Run.State.RUNNING if verdict.permits else Run.State.REFUSED
        run.finished_at = None if verdict.permits else now
        run.error = run.error_code = ""
        run.save()
        if first or not verdict.permits:
            _record(run, verdict)
        return _plan(tenant_id, run, verdict) if verdict.permits else None


def end_as_failed(run: Run, now: datetime) -> None:
    """End a locked run that cannot go on; its error is set already."""
    run.state, run.finished_at, run.lease = Run.State.FAILED, now, None
    run.save()
    data = {"code": run.error_code, "attempts": run.attempts, "written": run.written}
    ledger.record(actor=SYNC, action="sync.run.failed", target=run, at=now, data=data)


def _left_by_the_dead(run: Run) -> bool:
    """Count an attempt that ended without a word; whether there were too many of them."""
    if run.lease is None:
        return False
    run.attempts += 1
    run.error_code = "worker_died"
    run.error = f"{run.attempts} workers died on the same record. Its id follows the checkpoint."
    return run.attempts >= MOST_ATTEMPTS


def _verdict(run: Run) -> Verdict:
    job = run.job
    authority = policies.may_go_on(selectors.starter_of(run), job.connection)
    if not authority.allowed:
        return Verdict(DENY, (), (authority.rule,), "", (authority.reason,))
    return flows.verdict_on(
        connection=job.connection,
        endpoint=job.endpoint,
        object_name=job.object_name,
        fields=job.source_fields,
        purpose=job.purpose,
    )


def _record(run: Run, verdict: Verdict) -> None:
    ledger.record(
        actor=SYNC,
        action="sync.run.decided" if verdict.permits else "sync.run.refused",
        target=run,
        at=run.heartbeat_at,
        data={
            "effect": verdict.effect,
            "rules": list(verdict.rules),
            "policy": verdict.policy_hash,
            "fields": list(run.job.source_fields),
            "masked": list(verdict.masked_fields),
            "purpose": run.job.purpose,
            "zone": str(run.job.endpoint.zone_id),
            "for": str(run.started_by_id),
        },
    )


def _plan(tenant_id: UUID, run: Run, verdict: Verdict) -> Plan:
    job = run.job
    assert run.lease is not None  # noqa: S101  begin() has just set it
    return Plan(
        tenant_id=tenant_id,
        run_id=run.pk,
        lease=run.lease,
        connection_id=job.connection_id,
        endpoint_id=job.endpoint_id,
        object_name=job.object_name,
        fields=tuple(job.source_fields),
        masked_fields=verdict.masked_fields,
        filter=job.filter,
        writeback_field=job.writeback_field,
        policy_hash=verdict.policy_hash,
        effect=verdict.effect,
        checkpoint=run.checkpoint,
        attempts=run.attempts,
        fingerprint_key=prompts.fingerprint_key(),
    )
