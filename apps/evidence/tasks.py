"""Making packs and running the catalogue's checks, in the background."""

from uuid import UUID

from celery import current_app, shared_task

from apps.common.clock import database_now
from apps.common.errors import Conflict
from apps.common.jobs import tenant_task
from apps.common.scope import scoped
from apps.evidence import making, services
from apps.evidence.catalogue import services as running
from apps.evidence.catalogue.checks import all_checks
from apps.evidence.pack.errors import PackError
from apps.tenancy.selectors import list_tenant_ids


@tenant_task("evidence.build_pack")
def build(*, tenant_id: UUID, pack_id: str) -> None:
    """Make the pack, or go on where a killed worker stopped. A finished one is left alone."""
    pack = UUID(pack_id)
    try:
        with scoped(tenant_id=tenant_id):
            now = database_now()
            services.begin_building(pack_id=pack, now=now)
        making.make(tenant_id=tenant_id, pack_id=pack, now=now, say=_teller(tenant_id, pack))
    except Conflict:
        return  # another delivery of this task has finished the pack
    except PackError as error:
        with scoped(tenant_id=tenant_id):
            services.fail(pack_id=pack, trouble=str(error), code=error.code, now=database_now())


def _teller(tenant_id: UUID, pack_id: UUID) -> making.Say:
    def say(step: str, done: int) -> None:
        with scoped(tenant_id=tenant_id):
            services.note_step(pack_id=pack_id, step=step, done=done)

    return say


@shared_task(name="evidence.check_tenants")
def check_tenants() -> None:
    """Every night: one run of the checks for each tenant."""
    for tenant_id in list_tenant_ids():
        current_app.send_task("evidence.check", kwargs={"tenant_id": str(tenant_id)})


@tenant_task("evidence.check")
def check(*, tenant_id: UUID) -> None:
    """Begin this night's run of one tenant, unless one is under way."""
    try:
        with scoped(tenant_id=tenant_id):
            running.request_run(actor=None, now=database_now())
    except Conflict:
        return


@tenant_task("evidence.run_checks")
def run_checks(*, tenant_id: UUID, run_id: str) -> None:
    """Run all checks of the catalogue for one tenant and keep what they found."""
    with scoped(tenant_id=tenant_id):
        now = database_now()
    running.run_checks(
        tenant_id=tenant_id, run_id=UUID(run_id), checks=list(all_checks().values()), now=now
    )
