"""Grants that the console never takes away, with the reason that people read."""

from collections.abc import Mapping

from apps.crm.models import Connection, SnapshotAccount


def reason(
    *,
    connection: Connection,
    accounts: Mapping[str, SnapshotAccount],
    subject_ref: str,
    subject_name: str,
    by_profile: bool,
) -> str:
    """Why a grant's revocation is withheld; empty when it is not.

    Without its own access the console could neither prove nor undo anything, and without the last
    integration user nothing would reach the org at all.
    """
    if connection.username and subject_name.casefold() == connection.username.casefold():
        return "The console itself signs in as this account; without it nothing can be proven."
    active = [row.org_user_id for row in accounts.values() if row.is_integration and row.is_active]
    if active == [subject_ref]:
        return "This is the org's last active integration user."
    if by_profile:
        return "It comes with the account's profile, which is changed in the org itself."
    return ""
