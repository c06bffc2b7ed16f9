"""Filling an empty org."""

import secrets
from datetime import datetime

from apps.sandbox.event_logs.files import plant_files
from apps.sandbox.org import Org, OrgSpec
from apps.sandbox.seed import acme, globex
from apps.sandbox.seed.build import Builder
from apps.sandbox.seed.business import add_cases, add_customers
from apps.sandbox.seed.components import add_components
from apps.sandbox.seed.credentials import add_credentials
from apps.sandbox.seed.history import add_changes, add_refused_logins
from apps.sandbox.seed.metadata import add_metadata
from apps.sandbox.seed.plans import Plan
from apps.sandbox.seed.schema import add_schema
from apps.sandbox.seed.setup import add_setup

ORGS: dict[str, tuple[OrgSpec, Plan]] = {
    "acme": (acme.SPEC, acme.PLAN),
    "globex": (globex.SPEC, globex.PLAN),
}
KEPT = frozenset({"setting"})


def plan_of(org: Org) -> Plan:
    return ORGS[org.spec.key][1]


def plant(org: Org, *, certificate: str, now: datetime) -> None:
    """Seed the org unless it is seeded already."""
    with org.store.together():
        _plant(org, certificate=certificate, now=now)


def _plant(org: Org, *, certificate: str, now: datetime) -> None:
    for name in ("admin_key", "llm_api_key"):
        if not org.setting(name):
            org.set_setting(name, f"sandbox-{secrets.token_urlsafe(24)}")
    if org.store.count("sobject:Organization"):
        return
    plan = plan_of(org)
    builder = Builder(org=org, now=now, certificate=certificate)
    builder.organization()
    builder.licences_and_profiles()
    for person in plan.people:
        builder.person(person)
    for app in plan.apps:
        builder.application(app)
    for grants in plan.grants:
        builder.grants(grants)
    builder.group()
    add_changes(builder, plan.changes)
    add_refused_logins(builder, plan.refused_logins)
    add_cases(builder, add_customers(builder, plan.customers), plan.cases)
    if org.spec.key == acme.SPEC.key:
        add_metadata(builder)
        add_components(builder)
        add_credentials(builder)
        add_setup(builder)
    _approval(builder)
    add_schema(builder)
    plant_files(org, now=now)


def _approval(builder: Builder) -> None:
    """One approval process: somebody else agrees before a case is closed for good."""
    named = {"Name": "Case closure", "DeveloperName": "Case_Closure", "Type": "Approval"}
    kind = {"TableEnumOrId": "Case", "LockType": "Total", "State": "Active"}
    builder.add("ProcessDefinition", named | kind)


def replant(org: Org, *, certificate: str, now: datetime) -> None:
    """Forget all that happened and seed anew; ids and keys stay the same."""
    org.faults.clear()
    org.counts.clear()
    org.cursors.clear()
    with org.store.together():
        org.store.clear(keep=KEPT)
        plant(org, certificate=certificate, now=now)
