"""Ending grants in the live org: a token by its delete token, assignments by their ids."""

from collections.abc import Sequence

from apps.crm.client import many
from apps.crm.client.many import Outcome
from apps.crm.client.soql import checked_id
from apps.crm.session import Org

ASSIGNMENT = "PermissionSetAssignment"


def end_token(org: Org, handle: str) -> None:
    """Ask the org to end a token. Raises `CrmError`; returning proves nothing yet."""
    org.revoke_token(handle)


def end_assignment(org: Org, assignment_id: str) -> None:
    """Ask the org to take a permission set away. Raises `CrmError`, `ValueError` for no id."""
    org.delete(ASSIGNMENT, checked_id(assignment_id))


def end_assignments(org: Org, assignment_ids: Sequence[str]) -> list[Outcome]:
    """Ask the org to take many away, 200 by a request; outcomes in the order of the ids.

    One that cannot be taken away leaves the others ended: what is gone is gone sooner. Raises as
    `end_assignment` does where the whole was refused.
    """
    return many.delete(org, assignment_ids)
