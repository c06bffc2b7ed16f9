"""A tenant with an org in the EU, a model in the EU and one in the US, and a published policy."""

from dataclasses import dataclass
from typing import Any

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.models import Connection
from apps.crm.session import open_org
from apps.llm import services as llm
from apps.llm.models import Endpoint
from apps.residency.models import Zone
from apps.sync import selectors, services, tasks
from apps.sync.models import Job, Run
from apps.sync.services import JobInput
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox
from tests.residency.made import a_zone, classify, permit, publish_now

FIELDS = ("Subject", "Description", "SuppliedEmail")
TARGET = "LLM_Summary__c"


@dataclass(frozen=True)
class Stage:
    """What the tests of sync act on."""

    cast: Cast
    sandbox: RunningSandbox
    connection: Connection
    near: Endpoint
    far: Endpoint

    def job(self, endpoint: Endpoint | None = None, **other: Any) -> Job:
        """Bob's job, to the endpoint in the EU unless told otherwise."""
        wanted: dict[str, Any] = {
            "name": "Summaries",
            "connection_id": self.connection.pk,
            "endpoint_id": (endpoint or self.near).pk,
            "source_fields": FIELDS,
            "writeback_field": TARGET,
            **other,
        }
        with self.cast.at_acme("bob") as bob:
            return services.create_job(actor=bob, job=JobInput(**wanted), now=database_now())

    def start(self, job: Job, name: str = "bob") -> Run:
        """A queued run."""
        with self.cast.at_acme(name) as person:
            return services.start_run(actor=person, job_id=job.pk, now=database_now())

    def work(self, run: Run) -> None:
        """One batch, as the worker does it."""
        tasks.run_job(tenant_id=str(self.cast.acme.pk), run_id=str(run.pk))

    def work_off(self, run: Run) -> Run:
        """Batch by batch until the run has ended."""
        for _ in range(20):
            self.work(run)
            run = self.reread(run)
            if not run.is_live:
                return run
        raise AssertionError(f"the run did not end: {run.state} {run.error}")

    def reread(self, run: Run) -> Run:
        with scoped(tenant_id=self.cast.acme.pk):
            found: Run = Run.objects.get(pk=run.pk)
            return found

    def items(self, run: Run) -> dict[str, Any]:
        """Item by record id."""
        with scoped(tenant_id=self.cast.acme.pk):
            return {item.record_id: item for item in selectors.list_items(run)}

    def cases(self) -> dict[str, dict[str, Any]]:
        """Open cases in the org by id."""
        soql = (
            f"SELECT Id, Subject, Description, SuppliedEmail, {TARGET} FROM Case"
            " WHERE IsClosed = false"
        )
        with open_org(tenant_id=self.cast.acme.pk, connection_id=self.connection.pk) as org:
            return {row["Id"]: row for row in org.query(soql)}

    def add_case(self, **values: Any) -> str:
        with open_org(tenant_id=self.cast.acme.pk, connection_id=self.connection.pk) as org:
            return org.create("Case", {"Status": "New", **values})

    def prompts(self, number: int = 0) -> list[str]:
        """Bodies of what reached an endpoint since the test began."""
        found = self.sandbox.llm_requests(number)["requests"]
        return [row["body"] for row in found if row["path"].endswith("/chat/completions")]


def policy(alice: User, eu: Zone) -> None:
    """Fit fields may go to the EU, others masked; nothing goes anywhere else."""
    classify(alice, "fit", "Subject", "Description")
    classify(alice, "restricted", "SuppliedEmail")
    classify(alice, "never", "Comments")
    permit(alice, "fit-to-eu", "fit", "allow", eu.pk)
    permit(alice, "restricted-masked-to-eu", "restricted", "mask", eu.pk)
    publish_now(alice)


def an_endpoint(alice: User, sandbox: RunningSandbox, number: int, zone: Zone) -> Endpoint:
    return llm.add_endpoint(
        actor=alice,
        name=f"Model in {zone.name}",
        base_url=sandbox.info["llm_urls"][number],
        zone_id=zone.pk,
        model=sandbox.info["llm_model"],
        api_key=sandbox.info["llm_api_key"],
        now=database_now(),
    )


def stage(cast: Cast, sandbox: RunningSandbox) -> Stage:
    """Everything in place, nothing run yet."""
    with cast.at_acme("alice") as alice:
        eu, us = a_zone(alice, "EU core", "DE", "FR"), a_zone(alice, "US east", "US")
        policy(alice, eu)
        near, far = (an_endpoint(alice, sandbox, n, zone) for n, zone in enumerate([eu, us]))
    connection = orgs.connect(cast, sandbox)
    return Stage(cast, sandbox, connection, near, far)
