"""Ending one grant in the live org: a token by its delete token, an assignment by its id."""

from apps.crm.client.soql import checked_id
from apps.crm.session import Org

ASSIGNMENT = "PermissionSetAssignment"


def end_token(org: Org, handle: str) -> None:
    """Ask the org to end a token. Raises `CrmError`; returning proves nothing yet."""
    org.revoke_token(handle)


def end_assignment(org: Org, assignment_id: str) -> None:
    """Ask the org to take a permission set away. Raises `CrmError`, `ValueError` for no id."""
    org.delete(ASSIGNMENT, checked_id(assignment_id))
