"""Making jobs and starting runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import Conflict, Invalid
from apps.common.jobs import enqueue
from apps.common.text import require_text
from apps.crm.models import Connection
from apps.ledger import services as ledger
from apps.llm.models import Endpoint
from apps.residency.models import Purpose
from apps.sync import policies, selectors
from apps.sync.models import MOST_FIELDS, Job, Run
from apps.tenancy import policies as tenancy

OBJECT = "Case"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobInput:
    """A job as somebody wrote it."""

    name: str
    connection_id: UUID | None
    endpoint_id: UUID | None
    source_fields: Sequence[str]
    writeback_field: str
    purpose: str = Purpose.CASE_SUMMARY
    filter: str = Job.Filter.OPEN_CASES


@transaction.atomic
def create_job(*, actor: Actor, job: JobInput, now: datetime) -> Job:
    """Keep a job; the policy is asked when it runs. Raises `Denied`, `Invalid`."""
    tenancy.may(actor, powers.RUN_SYNC).require()
    row = _checked(job)
    policies.may_run_on(actor, row.connection).require()
    if Job.objects.filter(name=row.name).exists():
        raise Invalid(f"There is a job called {row.name} already.", field="name")
    row.save(force_insert=True)
    data = {
        "connection": str(row.connection_id),
        "endpoint": str(row.endpoint_id),
        "fields": list(row.source_fields),
        "purpose": row.purpose,
        "writes": row.writeback_field,
    }
    ledger.record(actor=actor, action="sync.job.created", target=row, at=now, data=data)
    return row


@transaction.atomic
def start_run(*, actor: User, job_id: UUID, now: datetime) -> Run:
    """Queue a run. Raises `Denied`, `NotFound`, `Conflict` (another run is still going)."""
    job = selectors.get_job_for(actor=actor, job_id=job_id)
    policies.may_run_on(actor, job.connection).require()
    if job.connection.state == Connection.State.DISCONNECTED:
        raise Conflict("This job's org was disconnected. Connect it again and make a new job.")
    try:
        with transaction.atomic():
            run: Run = Run.objects.create(
                job=job, started_by=actor, queued_at=now, heartbeat_at=now
            )
    except IntegrityError as error:
        raise Conflict("A run of this job is still going. Wait until it has ended.") from error
    ledger.record(
        actor=actor, action="sync.run.started", target=run, at=now, data={"job": str(job.pk)}
    )
    enqueue("sync.run_job", run_id=run.pk)
    return run


def _require_fields(names: Sequence[str]) -> list[str]:
    """One to three API names of fields, each once. Raises `Invalid`."""
    wanted = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not wanted:
        raise Invalid("Name at least one field that the model reads.", field="source_fields")
    if len(wanted) > MOST_FIELDS:
        raise Invalid(
            f"A job reads at most {MOST_FIELDS} fields; you named {len(wanted)}. Take some out.",
            field="source_fields",
        )
    return [_require_api_name(name, field="source_fields") for name in wanted]


def _checked(job: JobInput) -> Job:
    name = require_text(job.name, field="name", label="The name", at_most=80)
    fields = _require_fields(job.source_fields)
    writeback = _require_api_name(job.writeback_field.strip(), field="writeback_field")
    if writeback in fields:
        raise Invalid(
            "The summary must not overwrite a field that it is made from.", field="writeback_field"
        )
    if job.purpose not in Purpose.values:
        raise Invalid("Choose a purpose from the list.", field="purpose")
    if job.filter not in Job.Filter.values:
        raise Invalid("Choose which records from the list.", field="filter")
    connection = Connection.objects.filter(id__in=_given(job.connection_id)).first()
    if connection is None or connection.state == Connection.State.DISCONNECTED:
        raise Invalid("Choose a connected org.", field="connection_id")
    endpoint = Endpoint.objects.filter(id__in=_given(job.endpoint_id)).first()
    if endpoint is None:
        raise Invalid("Choose a registered endpoint.", field="endpoint_id")
    return Job(
        name=name,
        connection=connection,
        endpoint=endpoint,
        object_name=OBJECT,
        source_fields=fields,
        filter=job.filter,
        purpose=job.purpose,
        writeback_field=writeback,
    )


def _given(chosen: UUID | None) -> list[UUID]:
    return [chosen] if chosen else []


def _require_api_name(name: str, *, field: str) -> str:
    plain = name.isascii() and name.replace("_", "").isalnum() and name[:1].isalpha()
    if not plain or len(name) > 80:
        raise Invalid(
            f"{name[:40]!r} is no API name of a field, such as Subject or LLM_Summary__c.",
            field=field,
        )
    return name
