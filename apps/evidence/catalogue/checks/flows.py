"""Zones and policy, endpoints, jobs and their runs."""

from datetime import datetime, timedelta

from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.llm.models import Endpoint
from apps.residency.errors import PolicyUnreadable
from apps.residency.models import Effect, FieldClass, FlowRule, PolicyVersion
from apps.residency.selectors import (
    compiled_policy,
    current_draft,
    current_version,
    list_rules,
    list_zones,
)
from apps.sync.models import Job, Run, RunItem
from apps.sync.selectors import list_stalled

WINDOW = timedelta(days=90)
FRESH = timedelta(days=7)
CARRIED = (Run.State.DONE, Run.State.PARKED)
NO_POLICY = "No policy has been published: nothing may leave."


@check(
    "RES-1",
    "zones-published",
    "Are the zones of the policy those of today?",
    proof="residency:policy",
)
def zones_published(now: datetime) -> Outcome:
    """There are zones, and no change of them waits to be published."""
    zones = list_zones().count()
    if not zones:
        return unknown("There is no zone yet.")
    if current_version() is None:
        return unknown(NO_POLICY)
    if current_draft() is not None:
        return attention("Changes of zones, classes or rules wait to be published.")
    return good(f"{counted(zones, 'zone')}, and the published policy is the newest.")


@check(
    "RES-2", "used-fields-classed", "Is every field that a job reads classed?", proof="sync:jobs"
)
def used_fields(now: datetime) -> Outcome:
    """Fields of all jobs against the classes; one without a class counts as restricted."""
    classed = set(FieldClass.objects.values_list("object_name", "field_name"))
    read = {(job.object_name, field) for job in Job.objects.all() for field in job.source_fields}
    if not read:
        return unknown("No job reads a field yet.")
    missing = sorted(f"{thing}.{field}" for thing, field in read - classed)
    if missing:
        return attention(f"Without a class, so restricted: {named(missing)}.")
    return good(f"{counted(len(read), 'field')} read by jobs, each with a class.")


@check(
    "RES-3",
    "policy-decides",
    "Is there a policy in force that lets nothing unclassed out?",
    proof="residency:policy",
)
def policy_decides(now: datetime) -> Outcome:
    """The published version reads as published, and no rule allows any class unmasked."""
    try:
        compiled = compiled_policy()
    except PolicyUnreadable as broken:
        return danger(broken.message)
    if compiled is None:
        return unknown(NO_POLICY)
    loose = [
        rule.name
        for rule in list_rules(current_version())
        if rule.effect == Effect.ALLOW and rule.data_class == FlowRule.ANY_CLASS
    ]
    if loose:
        return attention(f"Fields of any class may leave unmasked by {named(loose)}.")
    return good(f"Policy version {compiled.number} is in force; what no rule allows is denied.")


@check(
    "RES-3",
    "runs-decided-by-policy",
    "Was each run decided by a published policy?",
    proof="sync:jobs",
)
def runs_decided(now: datetime) -> Outcome:
    """Runs of the last 90 days that carried data: effect, rules and the policy's hash."""
    hashes = set(
        PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED).values_list(
            "content_hash", flat=True
        )
    )
    runs = list(Run.objects.filter(state__in=CARRIED, queued_at__gte=now - WINDOW, written__gt=0))
    if not runs:
        return unknown("No run carried data in the last 90 days, so there is nothing to judge.")
    wrong = sum(not run.rules or run.policy_hash not in hashes for run in runs)
    if wrong:
        return danger(f"{counted(wrong, 'run')} carried data without a published policy's verdict.")
    return good(f"{counted(len(runs), 'run')}, each decided by a published policy.")


@check("LLM-1", "endpoints-answer", "Does each endpoint offer its model?", proof="llm:endpoints")
def endpoints_answer(now: datetime) -> Outcome:
    """What the last check of each endpoint saw, if that was within a week."""
    rows = list(Endpoint.objects.order_by("name").defer("api_key"))
    if not rows:
        return unknown("No endpoint is registered, so there is nothing to judge.")
    failing = [row.name for row in rows if row.state == Endpoint.State.FAILING]
    if failing:
        return danger(f"No answer, or the model is missing: {named(failing)}.")
    old = [row.name for row in rows if row.checked_at is None or now - row.checked_at > FRESH]
    if old:
        return unknown(f"Not checked within a week: {named(old)}.")
    return good(f"{counted(len(rows), 'endpoint')} answered and offered the registered model.")


@check("SYN-1", "no-run-stands-still", "Is any run standing still?", proof="sync:jobs")
def no_stalled_runs(now: datetime) -> Outcome:
    """Live runs that have shown no sign of life; the sweeper resumes them within a minute."""
    if not Run.objects.exists():
        return unknown("No job has run yet.")
    stalled = list_stalled(now=now - timedelta(minutes=5))
    if stalled:
        return danger(f"Standing still for more than five minutes: {counted(len(stalled), 'run')}.")
    return good("No run stands still.")


@check("SYN-3", "nothing-parked", "Do parked records wait for somebody?", proof="sync:jobs")
def nothing_parked(now: datetime) -> Outcome:
    """Records parked in the newest run of each job."""
    newest = Run.objects.order_by("job_id", "-queued_at").distinct("job_id")
    runs = list(newest)
    if not runs:
        return unknown("No job has run yet.")
    parked = RunItem.objects.filter(run__in=runs, state=RunItem.State.PARKED).count()
    if parked:
        return attention(f"{counted(parked, 'record')} parked in the last runs.")
    return good("No record is parked in the last run of any job.")


@check(
    "SYN-5",
    "answers-leave-a-trace",
    "Does each written record say prompt and model?",
    proof="sync:jobs",
)
def answers_traced(now: datetime) -> Outcome:
    """Written records of the last 90 days: fingerprint of the prompt, model, request ids."""
    rows = RunItem.objects.filter(state=RunItem.State.WRITTEN, at__gte=now - WINDOW)
    total = rows.count()
    if not total:
        return unknown("Nothing was written back in the last 90 days.")
    bare = (
        rows.filter(fingerprint="").count() + rows.filter(model="").exclude(fingerprint="").count()
    )
    if bare:
        return danger(f"{counted(bare, 'written record')} without a prompt's fingerprint or model.")
    return good(
        f"{counted(total, 'written record')}, each with its prompt's fingerprint and model."
    )
