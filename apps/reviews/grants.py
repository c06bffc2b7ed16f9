"""A grant in the live org: is it there, and taking it away. Needs an open `Org`, holds no scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

from apps.crm import grants
from apps.crm.client.soql import checked_id, quoted
from apps.crm.inventory.sight import require_sight
from apps.crm.session import Org
from apps.reviews.errors import ReadIncomplete, UnusableId
from apps.reviews.models import Kind

ID_LENGTH = 15  # the part of a record id that names the record; three more only check it


class Finding(Enum):
    """What a read of the org showed."""

    PRESENT = "present"
    GONE = "gone"
    REGRANTED = "regranted"


@dataclass(frozen=True, kw_only=True)
class Work:
    """One revocation, with what the org needs for it. Never logged, never sent to the broker.

    `siblings` are handles of the same access that the snapshot knew: not granted anew.
    `was_called` says that an earlier attempt may have reached the org.
    """

    item_id: UUID
    connection_id: UUID
    kind: str
    subject_ref: str
    target_ref: str
    handle: str
    siblings: frozenset[str]
    was_called: bool


def look(org: Org, work: Work) -> Finding:
    """Read the very grant again. Raises `CrmError`, `UnusableId`, and `ReadIncomplete`."""
    handles = set(_tokens(org, work) if work.kind == Kind.TOKEN else _assignments(org, work))
    if _named(work, work.handle) in handles:
        return Finding.PRESENT
    known = {_named(work, sibling) for sibling in work.siblings}
    return Finding.REGRANTED if handles - known else Finding.GONE


def revoke(org: Org, work: Work) -> None:
    """Ask the org to end the grant. Raises `CrmError`; returning proves nothing yet."""
    if work.kind == Kind.TOKEN:
        grants.end_token(org, work.handle)
    else:
        grants.end_assignment(org, _id(work.handle))


def _tokens(org: Org, work: Work) -> Iterator[str]:
    """Delete tokens of the same app and account. A user holds few, far below any listing's cap."""
    require_sight(org)
    where = f"FROM OauthToken WHERE UserId = {quoted(_id(work.subject_ref))}"
    for row in _all(org, "Id, AppName, DeleteToken", where):
        if row["AppName"] == work.target_ref:
            yield str(row["DeleteToken"])


def _assignments(org: Org, work: Work) -> Iterator[str]:
    where = f"FROM {grants.ASSIGNMENT} WHERE AssigneeId = {quoted(_id(work.subject_ref))}"
    for row in _all(org, "Id, PermissionSetId, PermissionSetGroupId", where):
        given = {row.get("PermissionSetGroupId"), row.get("PermissionSetId")} - {None}
        if _named(work, str(row["Id"])) == _named(work, work.handle) or work.target_ref in given:
            yield _named(work, str(row["Id"]))


def _all(org: Org, fields: str, where: str) -> list[dict[str, Any]]:
    """Every row, or `ReadIncomplete`: a listing that ends early must not look like a proof."""
    rows = list(org.query(f"SELECT {fields} {where}"))
    expected = org.count(f"SELECT COUNT() {where}")
    if len(rows) != expected:
        raise ReadIncomplete(
            f"The org listed {len(rows)} of {expected} rows, so the read proves nothing."
        )
    return rows


def _id(text: str) -> str:
    try:
        return checked_id(text)
    except ValueError as error:
        raise UnusableId("The snapshot holds an id that no record can have.") from error


def _named(work: Work, handle: str) -> str:
    return handle[:ID_LENGTH] if work.kind == Kind.ASSIGNMENT else handle
