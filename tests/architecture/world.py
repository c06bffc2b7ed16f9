"""A tenant with some of everything, so that every route with parameters has something to find.

`make_world` fills one tenant; `values` then names, for each parameter that occurs in a path, an
object that really exists. Every word a person could have typed carries `MARK`, so that a test can
tell whether any of it turned up where it should not.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from apps.accounts.models import User
from apps.breakglass.models import Approval, EmergencyPolicy, Request
from apps.breakglass.states import State
from apps.changes.models import Configuration, Proposal
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.models import Connection, Snapshot
from apps.crm.services.rights import give_to_members
from apps.custody import subjects, tokens
from apps.evidence.downloads.services import digest_of
from apps.evidence.models import Branding, CheckResult, CheckRun, DownloadGrant, Pack
from apps.ledger import services as ledger
from apps.ledger.models import LegalHold, LogExport, PruneMark, Verification
from apps.llm.models import Endpoint
from apps.residency.models import FieldClass, FlowRule, PolicyVersion, Zone
from apps.reviews.models import Campaign, Decision, Item
from apps.sync.models import Job, Run, RunItem
from apps.tenancy.models import Tenant
from apps.tenancy.roles import Role
from tests.architecture.world_base import MARK, World, word
from tests.architecture.world_orgs import (
    add_findings,
    add_logs,
    add_purposes,
    add_scans,
    add_scopes,
)
from tests.breakglass.conftest import SCOPE, factor_for
from tests.cast import make_person
from tests.reviews import made_up

NOBODY_KNOWN = json.dumps({"about": "nothing", "known": "all", "why": MARK, "callers": []})
SOURCES = [{**source, "label": str(source["source"]).title()} for source in made_up.FULL]


def make_world(tenant: Tenant, owner: User, *, size: int) -> World:
    """`size` objects of each kind, and as many children under the first of each."""
    now = database_now()
    world = World(tenant, owner, size, now, _add_person(tenant, 0, now))
    with scoped(tenant_id=tenant.pk, user_id=owner.pk):
        zones = _add_zones(world)
        connections = [_add_connection(number, zones[number]) for number in range(size)]
    for number in range(1, size):
        _add_person(tenant, number, now)
    with scoped(tenant_id=tenant.pk, user_id=owner.pk):
        give_to_members(connections[0])
        snapshots = [_add_snapshot(world, connection) for connection in connections]
        add_scopes(world, connections[0], snapshots[0])
        add_purposes(world, connections[0], snapshots[0])
        add_findings(world, connections[0])
        add_scans(world, connections)
        add_logs(world, connections[0])
        _add_jobs(world, connections[0], zones)
        _add_emergencies(world, connections)
        _add_campaigns(world, snapshots)
        _add_the_rest(world)
        world.values |= {
            "tenant_id": str(tenant.pk),
            "user_id": str(world.other.pk),
            "role": Role.AUDITOR.value,
            "connection_id": str(connections[0].pk),
            "snapshot_id": str(snapshots[0].pk),
            "zone_id": str(zones[0].pk),
            "tile": "0/000",
            "object_name": "Matter__c",
            "record_id": next(iter(SCOPE["Matter__c"]["records"])),
        }
    return world


def _add_person(tenant: Tenant, number: int, now: datetime) -> User:
    return make_person(
        f"{MARK}.{number}".lower(), uuid4().hex[:8], tenant, [Role.OPERATOR, Role.AUDITOR], now
    )


def _add_zones(world: World) -> list[Zone]:
    version = PolicyVersion.objects.create(number=1)
    zones = []
    for number in range(world.size):
        slug = f"{MARK.lower()}-{number}"
        zone = Zone.objects.create(name=word("zone", number), slug=slug, jurisdictions=["DE"])
        FlowRule.objects.create(
            version=version,
            order=number,
            name=slug,
            data_class="fit",
            destination_zone=zone,
            effect="allow",
        )
        FieldClass.objects.create(
            object_name="Case", field_name=f"{MARK}_{number}__c", data_class="fit"
        )
        zones.append(zone)
    world.values["name"] = f"{MARK.lower()}-0"
    return zones


def _add_connection(number: int, zone: Zone) -> Connection:
    return made_up.make_connection(
        name=word("org", number), host=f"{MARK.lower()}{number}.my.salesforce.com", zone=zone
    )


def _add_snapshot(world: World, connection: Connection) -> Snapshot:
    """One snapshot each; the first org's has rows, and more snapshots before it."""
    if "app_id" in world.values:
        return made_up.make_snapshot(connection, sources=SOURCES)
    for age in range(1, world.size):
        before = world.now - timedelta(days=age)
        made_up.make_snapshot(connection, sources=SOURCES, taken_at=before)
    snapshot = made_up.make_snapshot(connection, sources=SOURCES)
    for number in range(world.size):
        label = word("app", number)
        account = made_up.add_account(snapshot, f"005Ma{number:010}", name=word("user", number))
        app = made_up.add_app(snapshot, label, org_app_id=f"0xI{number:012}")
        made_up.add_token(snapshot, f"handle-{number}", app_name=label, user_id=account.org_user_id)
        made_up.add_assignment(snapshot, account, assignment_id=f"0Pa{number:015}")
        world.values.setdefault("app_id", str(app.pk))
        world.values.setdefault("account_id", str(account.pk))
    return snapshot


def _add_jobs(world: World, connection: Connection, zones: list[Zone]) -> None:
    jobs = []
    for number in range(world.size):
        endpoint = Endpoint.objects.create(
            name=word("endpoint", number),
            base_url="https://models.example",
            zone=zones[number],
            model="small",
            api_key="key",
        )
        job = Job.objects.create(
            name=word("job", number),
            connection=connection,
            endpoint=endpoint,
            source_fields=["Subject"],
            writeback_field="Summary__c",
        )
        _add_run(world, job, age=0)
        jobs.append(job)
    run = [_add_run(world, jobs[0], age=number + 1) for number in range(world.size)].pop()
    for number in range(world.size):
        RunItem.objects.create(
            run=run, record_id=f"500{number:015}", state="written", at=world.now, model="small"
        )
    world.values |= {
        "job_id": str(jobs[0].pk),
        "run_id": str(run.pk),
        "endpoint_id": str(jobs[0].endpoint_id),
    }


def _add_run(world: World, job: Job, *, age: int) -> Run:
    at = world.now - timedelta(hours=age)
    run: Run = Run.objects.create(
        job=job, started_by=world.owner, state="done", queued_at=at, heartbeat_at=at, finished_at=at
    )
    return run


def _add_emergencies(world: World, connections: list[Connection]) -> None:
    """Each request waits for signatures; each has been signed by as many as have voided theirs."""
    policy = EmergencyPolicy.objects.create(version=1)
    for connection in connections:
        request = Request.objects.create(
            requester=world.other,
            requester_person=world.other.person_id,
            connection=connection,
            policy=policy,
            scope=SCOPE,
            networks=["127.0.0.0/8"],
            duration=timedelta(hours=1),
            justification=f"{MARK} cannot be reached.",
            case_reference=MARK,
        )
        request.content_hash = request.hash_now()
        request.state = State.PENDING
        request.submitted_at = world.now
        request.expires_at = world.now + timedelta(hours=1)
        request.save()
        world.values.setdefault("request_id", str(request.pk))
    _add_signatures(world, UUID(world.values["request_id"]))


def _add_signatures(world: World, request_id: UUID) -> None:
    request = Request.objects.get(pk=request_id)
    for _ in range(world.size):
        Approval.objects.create(
            request=request,
            by=world.owner,
            person_id=uuid4(),
            role=Role.LEGAL_APPROVER,
            content_hash=request.content_hash,
            factor=factor_for(world.owner, request.content_hash),
            at=world.now,
            expires_at=world.now + timedelta(hours=1),
            voided_at=world.now,
            void_reason=Approval.Void.AUTHORITY_LOST,
        )


def _add_campaigns(world: World, snapshots: list[Snapshot]) -> None:
    campaigns = [
        Campaign.objects.create(
            name=word("review", number),
            connection=snapshot.connection,
            snapshot=snapshot,
            snapshot_hash=snapshot.content_hash,
            state="in_review",
            opened_by=world.owner,
            opened_at=world.now,
            due_at=world.now + timedelta(days=7),
        )
        for number, snapshot in enumerate(snapshots)
    ]
    items = [_add_item(world, campaigns[0], number) for number in range(world.size)]
    for _ in range(world.size):
        Decision.objects.create(
            item=items[0], choice="keep", note=MARK, by=world.owner, at=world.now
        )
    world.values |= {"campaign_id": str(campaigns[0].pk), "item_id": str(items[0].pk)}


def _add_item(world: World, campaign: Campaign, number: int) -> Item:
    item: Item = Item.objects.create(
        campaign=campaign,
        position=number,
        kind="token",
        subject_ref=f"005Ma{number:010}",
        subject_name=word("user", number),
        target_ref=f"{number:064x}",
        label=word("grant", number),
        handle=f"handle-{number}",
        fingerprint=f"{number:064x}",
        risk="low",
        risk_reason="Used lately.",
        change="new",
        reviewer=world.owner,
        decision="keep",
    )
    return item


def _add_the_rest(world: World) -> None:
    Branding.objects.create(language="de")
    for number in range(world.size):
        pack = Pack.objects.create(
            title=word("pack", number),
            subject_name=word("subject", number),
            first_date=world.now.date(),
            last_date=world.now.date(),
            requested_by=world.owner,
            requested_at=world.now,
        )
        token, _ = tokens.issue_token(
            actor=world.owner,
            holder=world.owner,
            kind="api",
            name=word("token", number),
            scope={"powers": []},
            networks=[],
            now=world.now,
            expires_at=world.now + timedelta(days=1),
        )
        personal = subjects.seal_personal(f"user:{uuid4()}", {"address": word("address", number)})
        event = ledger.record(
            actor=world.owner,
            action="custody.token.ended",
            target=token,
            at=world.now,
            data={"personal": personal},
        )
    _add_links(world, pack)
    _add_changes(world, str(token.pk))
    _add_check_results(world)
    _add_keeping(world)
    world.values |= {
        "pack_id": str(pack.pk),
        "token_id": str(token.pk),
        "key_id": personal["key"],
        "event_id": str(event.pk),
    }


def _add_changes(world: World, token_id: str) -> None:
    """Proposals of many things, one waiting; the first one's thing has versions."""
    for number in range(world.size):
        made = Proposal(
            kind=Proposal.Kind.TOKEN_NETWORKS,
            target=token_id if number == 0 else str(uuid4()),
            target_name=word("thing", number),
            base={"networks": []},
            wanted={"networks": ["192.0.2.0/24"]},
            reason=word("reason", number),
            author=world.other,
            author_person=world.other.person_id,
            proposed_at=world.now,
            touched_at=world.now,
            sealed_preflight=NOBODY_KNOWN,
        )
        made.content_hash = made.hash_now()
        made.save()
        world.values.setdefault("proposal_id", str(made.pk))
        Configuration.objects.create(
            kind=made.kind,
            target=token_id,
            number=number + 1,
            value={"networks": []},
            set_at=world.now,
        )


def _add_check_results(world: World) -> None:
    """Runs of the catalogue's checks, each with a result that only this tenant may read."""
    for number in range(world.size):
        run = CheckRun.objects.create(asked_at=world.now, finished_at=world.now)
        CheckResult.objects.create(
            run=run,
            control="LLM-1",
            name="endpoints-answer",
            result="danger" if number % 2 else "attention",
            sentence=word("endpoint", number),
            at=world.now - timedelta(hours=number),
        )


def _add_keeping(world: World) -> None:
    """What became of the ledger: checks, exports, holds, prune marks."""
    stamp = {"at": world.now, "actor": world.owner.actor_ref}
    for number in range(world.size):
        export = LogExport.objects.create(
            actor=world.owner.actor_ref, asked_at=world.now, size=number
        )
        LegalHold.objects.create(reason=word("hold", number), **stamp)
        PruneMark.objects.create(
            below=number, sha256="0" * 64, place=word("place", number), size=number, **stamp
        )
        Verification.objects.create(
            started_at=world.now,
            finished_at=world.now,
            actor=world.owner.actor_ref,
            began_with=0,
            size=number,
            root=bytes(32),
            code=7,
            findings=[word("finding", number)],
        )
    world.values["log_export_id"] = str(export.pk)


def _add_links(world: World, pack: Pack) -> None:
    """Links to one pack, given to the owner."""
    for number in range(world.size):
        secret = f"{world.tenant.pk}-link-{number}"
        grant = DownloadGrant.objects.create(
            pack=pack,
            holder=world.owner,
            factor=factor_for(world.owner, f"link-{number}"),
            digest=digest_of(secret),
            bound_to=bytes(32),
            granted_at=world.now,
            expires_at=world.now + timedelta(minutes=15),
        )
    world.values |= {"grant_id": str(grant.pk), "secret": secret}
