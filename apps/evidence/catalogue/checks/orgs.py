"""Orgs: tokens, secrets, budget, inventory, scopes."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.apps import apps
from django.db import models

from apps.common.keyring import CannotOpen
from apps.common.models import TenantOwned
from apps.crm.models import Connection, OrgToken, SnapshotAssignment
from apps.crm.selectors import latest_snapshots
from apps.custody.fields import SealedField
from apps.custody.providers import is_emergency
from apps.evidence.catalogue.checks.words import ago, counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.posture.comparison import DEVIATES, NO_BASELINE, UNKNOWN
from apps.posture.selectors import compare_orgs

FRESH = timedelta(days=7)
MOST_OPENED = 25  # newest values of each sealed column that one run opens
ENOUGH = 0.9
NO_ORG = "No org is connected, so there is nothing to judge."


def live_orgs() -> list[Connection]:
    """Every org that is not disconnected, by name."""
    rows = Connection.objects.exclude(state=Connection.State.DISCONNECTED)
    return list(rows.order_by("name"))


@check("CRM-1", "tokens-healthy", "Can every org's token be renewed?", proof="crm:connections")
def tokens_healthy(now: datetime) -> Outcome:
    """Each org answers, and its last renewal was not refused."""
    orgs = live_orgs()
    if not orgs:
        return unknown(NO_ORG)
    refused = set(
        OrgToken.objects.filter(refused_at__isnull=False).values_list("connection", flat=True)
    )
    ill = [o.name for o in orgs if o.state == Connection.State.FAILING or o.pk in refused]
    waiting = [o.name for o in orgs if o.state == Connection.State.CONNECTING]
    if ill:
        return danger(f"No sign-in or renewal of the token: {named(ill)}.")
    if waiting:
        return unknown(f"Not checked yet: {named(waiting)}.")
    return good(f"{counted(len(orgs), 'org')}: signed in, tokens renewed in time.")


@check("CRM-2", "sealed-values-open", "Does every sealed column open under its key?")
def sealed_values(now: datetime) -> Outcome:
    """Some values of each sealed column of this tenant are opened for their place."""
    opened, broken = 0, []
    for model, field in _sealed_columns():
        for row in model._default_manager.order_by("-pk")[:MOST_OPENED]:
            try:
                getattr(row, field.attname)
            except CannotOpen:
                broken.append(f"{model._meta.db_table}.{field.column}")
                break
            opened += 1
    if broken:
        return danger(f"Sealed values do not open in {named(broken)}.")
    if not opened:
        return unknown("Nothing sealed was found.")
    return good(f"{counted(opened, 'sealed value')} opened, each only in its own place.")


@check(
    "CRM-5", "api-budget-left", "Do calls stay within each org's limits?", proof="crm:connections"
)
def api_budget(now: datetime) -> Outcome:
    """What the org last said about its own daily limit, if that is recent."""
    orgs = live_orgs()
    if not orgs:
        return unknown(NO_ORG)
    old = now - timedelta(days=1)
    unseen = [o.name for o in orgs if not o.api_allowed or not o.api_seen_at or o.api_seen_at < old]
    tight = [o.name for o in orgs if o.api_allowed and (o.api_used or 0) >= ENOUGH * o.api_allowed]
    if tight:
        return attention(f"Nine tenths of the daily calls are used: {named(tight)}.")
    if unseen:
        return unknown(f"No limits told within a day: {named(unseen)}.")
    return good(f"{counted(len(orgs), 'org')} with room within the daily limit.")


@check(
    "SCP-1",
    "inventory-fresh",
    "Was each org read completely within a week?",
    proof="crm:connections",
)
def inventory_fresh(now: datetime) -> Outcome:
    """The newest finished snapshot of each org."""
    orgs = live_orgs()
    if not orgs:
        return unknown(NO_ORG)
    found = latest_snapshots(orgs)
    never = [org.name for org in orgs if org.pk not in found]
    if never:
        return unknown(f"Never read: {named(never)}.")
    late = [org.name for org in orgs if now - found[org.pk].taken_at > FRESH]
    partly = [org.name for org in orgs if found[org.pk].state == "incomplete"]
    if late:
        return attention(f"Last read more than a week ago: {named(late)}.")
    if partly:
        return attention(f"Read in part only: {named(partly)}.")
    oldest = min(found[org.pk].taken_at for org in orgs)
    return good(f"{counted(len(orgs), 'org')} read completely, the oldest {ago(now - oldest)}.")


@check("SCP-1", "scopes-as-approved", "Does each app hold what was approved?", proof="posture:apps")
def scopes_as_approved(now: datetime) -> Outcome:
    """Every app of the newest snapshots beside its approved scopes."""
    compared = compare_orgs(live_orgs())
    rows = [each for _, found in compared for each in found or []]
    beyond = [each.app.label for each in rows if each.standing == DEVIATES]
    never = [each.app.label for each in rows if each.standing == NO_BASELINE]
    untold = [each.app.label for each in rows if each.standing == UNKNOWN]
    if beyond:
        return danger(f"Granted scopes differ from the approved ones: {named(beyond)}.")
    if untold:
        return unknown(f"The org does not tell the scopes of {named(untold)}.")
    if never:
        return attention(f"Nobody has approved the scopes of {named(never)}.")
    if not rows:
        return unknown("No app has been read from an org yet.")
    return good(f"{counted(len(rows), 'app')}: granted and approved scopes agree.")


@check(
    "SCP-2",
    "no-dangerous-rights",
    "Does an integration user hold rights beyond single records?",
    proof="posture:apps",
)
def dangerous_rights(now: datetime) -> Outcome:
    """Permission sets of integration users in the newest snapshot of each org."""
    found = latest_snapshots(live_orgs())
    if not found:
        return unknown("No org has been read yet.")
    rows = SnapshotAssignment.objects.filter(
        snapshot__in=list(found.values()), account__is_integration=True
    )
    wide = sorted({row.label or row.permission_set_name for row in rows if row.dangerous})
    unread = sum(row.dangerous is None for row in rows)
    if wide:
        return attention(f"Integration users hold wide rights through {named(wide)}.")
    if unread:
        return unknown(
            f"{counted(unread, 'permission set')} of integration users could not be read."
        )
    return good(
        f"{counted(len(rows), 'permission set')} of integration users, none with wide rights."
    )


def _sealed_columns() -> Iterator[tuple[type[models.Model], SealedField]]:
    for model in apps.get_models():
        if not issubclass(model, TenantOwned):
            continue
        if is_emergency(getattr(model, "sealed_purpose", model._meta.app_label)):
            continue  # these open only where emergency access is handled
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield model, field
