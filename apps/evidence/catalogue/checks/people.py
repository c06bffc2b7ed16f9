"""Tenants kept apart, powers kept apart, factors shown."""

from datetime import datetime, timedelta

from django.db import connection

from apps.breakglass.models import Approval
from apps.common import powers
from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import Outcome, attention, check, danger, good, unknown
from apps.tenancy.roles import POWERS, Role, powers_of
from apps.tenancy.selectors import list_members

_OPEN_TABLES = """
    select c.relname, coalesce(c.relrowsecurity and c.relforcerowsecurity
                               and exists (select from pg_policy p where p.polrelid = c.oid), false)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relkind in ('r', 'p')
      and has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
    order by c.relname
"""
_ROLE = """
    select r.rolsuper or r.rolbypassrls,
           (select count(*) from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p'))
    from pg_roles r where r.rolname = current_user
"""
CHANGING = frozenset(
    {powers.MANAGE_CONNECTIONS, powers.MANAGE_POLICY, powers.RUN_SYNC, powers.APPROVE_BASELINE}
)
WINDOW = timedelta(days=90)


@check("IDN-1", "row-security-forced", "Is row security forced on every table of tenants' rows?")
def row_security(now: datetime) -> Outcome:
    """Every table with a tenant column that the serving role can touch, from the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_TABLES)
        rows = cursor.fetchall()
    open_tables = [name for name, shut in rows if not shut]
    if open_tables:
        return danger(f"Row security is not forced on {named(open_tables)}.")
    if not rows:
        return unknown("No table with tenants' rows was found.")
    return good(f"Row security is forced on all {counted(len(rows), 'table')} of tenants' rows.")


@check("IDN-1", "serving-role-is-bound", "Is the console's database role bound by row security?")
def serving_role(now: datetime) -> Outcome:
    """The role that serves owns no table and bypasses nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        bypasses, owned = cursor.fetchone()
    if bypasses:
        return danger("The console's database role bypasses row security.")
    if owned:
        return danger(f"The console's database role owns {counted(owned, 'table')}.")
    return good("The console's database role owns no table and cannot bypass row security.")


@check(
    "IDN-2",
    "exporting-is-apart",
    "Does anybody who changes or operates an org also export?",
    proof="tenancy:members",
)
def exporting_apart(now: datetime) -> Outcome:
    """No role joins the two powers; a person who holds two roles that do is shown."""
    joined = [Role(role).label for role, given in POWERS.items() if _joins(given)]
    if joined:
        return danger(f"The role {named(joined)} both changes and exports.")
    members = list_members()
    both = sum(_joins(powers_of(member.roles)) for member in members)
    if both:
        people = "person holds" if both == 1 else "people hold"
        return attention(
            f"{both} {people} roles that together both change an org and export from it."
        )
    return good(f"None of {counted(len(members), 'member')} can both change an org and export.")


@check(
    "IDN-3",
    "signatures-had-their-factor",
    "Was a fresh factor shown for every signature of the last 90 days?",
    proof="breakglass:requests",
)
def signatures(now: datetime) -> Outcome:
    """The factor under each signature was its signer's, given for what was signed, and spent."""
    rows = Approval.objects.filter(at__gte=now - WINDOW).select_related("factor", "request")
    signed = list(rows)
    if not signed:
        return unknown("Nothing was signed in the last 90 days, so there is nothing to judge.")
    wrong = [row for row in signed if not _is_proved(row)]
    if wrong:
        return danger(f"{counted(len(wrong), 'signature')} had no fitting factor.")
    return good(f"All {counted(len(signed), 'signature')} had a factor given for that very text.")


def _joins(given: frozenset[str]) -> bool:
    return powers.EXPORT in given and bool(given & CHANGING)


def _is_proved(row: Approval) -> bool:
    factor = row.factor
    return (
        factor.user_id == row.by_id
        and factor.spent_at is not None
        and factor.spent_at <= factor.expires_at
        and factor.subject == row.content_hash
    )
