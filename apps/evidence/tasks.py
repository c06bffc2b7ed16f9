"""Making packs and running the catalogue's checks, in the background."""

from uuid import UUID

from celery import current_app, shared_task

from apps.common.clock import database_now
from apps.common.errors import Conflict
from apps.common.jobs import tenant_task
from apps.common.scope import scoped
from apps.evidence import collect, services
from apps.evidence.catalogue import services as running
from apps.evidence.catalogue.checks import all_checks
from apps.evidence.keys import manifest_signer, sealing_authority
from apps.evidence.pack.build import build_pack
from apps.evidence.pack.errors import PackError
from apps.evidence.pack.seal import PadesSealer
from apps.tenancy.selectors import list_tenant_ids


@tenant_task("evidence.build_pack")
def build(*, tenant_id: UUID, pack_id: str) -> None:
    """Collect, draw, sign and seal. A second delivery of a finished pack changes nothing."""
    try:
        with scoped(tenant_id=tenant_id):
            services.begin_building(pack_id=UUID(pack_id), steps=collect.STEPS)
        _build(tenant_id, UUID(pack_id))
    except Conflict:
        return  # another delivery of this task has finished the pack
    except PackError as error:
        with scoped(tenant_id=tenant_id):
            services.fail(
                pack_id=UUID(pack_id), trouble=str(error), code=error.code, now=database_now()
            )


def _build(tenant_id: UUID, pack_id: UUID) -> None:
    def say(step: str, done: int) -> None:
        with scoped(tenant_id=tenant_id):
            services.note_step(pack_id=pack_id, step=step, done=done)

    say("Collecting what happened", 0)
    with scoped(tenant_id=tenant_id):
        now = database_now()
        gathered = collect.gather(pack_id=pack_id, now=now)
        signer = manifest_signer()
    say("Drawing, signing and sealing", collect.STEPS - 1)
    pdf = build_pack(
        gathered.content,
        annexes=gathered.annexes,
        events=gathered.events,
        signer=signer,
        sealer=PadesSealer.local(sealing_authority(now), now=now),
    )
    with scoped(tenant_id=tenant_id):
        services.finish(pack_id=pack_id, pdf=pdf, events=len(gathered.events), now=now)


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
