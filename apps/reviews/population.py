"""From a snapshot to the items of a review: everything it found, frozen, each with a reviewer."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import rfc8785

from apps.accounts.models import User
from apps.crm.models import (
    Connection,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotToken,
)
from apps.posture.revocations import protection
from apps.reviews.errors import NoReviewer
from apps.reviews.models import Campaign, Change, Item, Kind
from apps.reviews.risk import Facts, assess


@dataclass(frozen=True)
class Findings:
    """A snapshot's rows, read once and indexed."""

    snapshot: Snapshot

    @cached_property
    def accounts(self) -> dict[str, SnapshotAccount]:
        rows = SnapshotAccount.objects.filter(snapshot=self.snapshot)
        return {row.org_user_id: row for row in rows}

    @cached_property
    def assignments(self) -> list[SnapshotAssignment]:
        rows = SnapshotAssignment.objects.filter(snapshot=self.snapshot).select_related("account")
        return list(rows.order_by("account__org_user_id", "label", "assignment_id"))

    @cached_property
    def tokens(self) -> list[SnapshotToken]:
        rows = SnapshotToken.objects.filter(snapshot=self.snapshot)
        return list(rows.order_by("user_id", "app_name", "token_digest"))

    @cached_property
    def apps(self) -> dict[str, SnapshotApp]:
        found: dict[str, SnapshotApp] = {}
        for row in SnapshotApp.objects.filter(snapshot=self.snapshot).order_by("-kind"):
            found[row.developer_name.casefold()] = row
            found[row.label.casefold()] = row
        return found

    @cached_property
    def held_by(self) -> dict[str, list[SnapshotAssignment]]:
        held: dict[str, list[SnapshotAssignment]] = defaultdict(list)
        for row in self.assignments:
            held[row.account.org_user_id].append(row)
        return held

    def dangerous_of(self, org_user_id: str) -> list[str] | None:
        """What the account may do through all its sets; None when one could not be read."""
        lists = [row.dangerous for row in self.held_by[org_user_id]]
        if org_user_id not in self.accounts or None in lists:
            return None
        return sorted({name for names in lists for name in names or ()})


@dataclass(frozen=True)
class Population:
    """Makes the items of one campaign."""

    campaign: Campaign
    connection: Connection
    findings: Findings
    reviewers: Sequence[User]
    people: dict[str, UUID]
    seen_before: frozenset[str]
    now: datetime

    def items(self) -> list[Item]:
        """All items, unsaved, in their order. Raises `NoReviewer`."""
        items = [*self._tokens(), *self._assignments()]
        for position, item in enumerate(items, start=1):
            item.position = position
        self._assign(items)
        return items

    def _tokens(self) -> Iterator[Item]:
        for token in self.findings.tokens:
            app = self.findings.apps.get(token.app_name.casefold())
            account = self.findings.accounts.get(token.user_id)
            facts = Facts(
                kind=Kind.TOKEN,
                label=token.app_name,
                account_is_active=account.is_active if account else None,
                dangerous=self.findings.dangerous_of(token.user_id),
                scopes=app.scopes if app else None,
                app_is_known=app is not None,
                use_count=token.use_count,
                last_used_at=token.last_used_at,
            )
            yield self._item(
                facts,
                subject_ref=token.user_id,
                subject_name=token.username or (account.username if account else token.user_id),
                account=account,
                target_ref=token.app_name,
                handle=token.token_ref,
                granted_at=token.created_at,
                paths=[_token_path(token, app), *self._account_paths(token.user_id)],
            )

    def _assignments(self) -> Iterator[Item]:
        for row in self.findings.assignments:
            if row.owned_by_profile and row.dangerous == []:
                continue  # every user has a profile; one without far reach is nothing to decide
            label = row.label or row.permission_set_name or row.permission_set_id
            facts = Facts(
                kind=Kind.ASSIGNMENT,
                label=label,
                account_is_active=row.account.is_active,
                dangerous=row.dangerous,
                account_is_integration=row.account.is_integration,
            )
            yield self._item(
                facts,
                subject_ref=row.account.org_user_id,
                subject_name=row.account.username or row.account.org_user_id,
                account=row.account,
                target_ref=row.via_group_id or row.permission_set_id,
                handle=row.assignment_id,
                granted_at=None,
                paths=self._paths_of(row, label),
                by_profile=row.owned_by_profile,
            )

    def _item(
        self,
        facts: Facts,
        *,
        subject_ref: str,
        subject_name: str,
        account: SnapshotAccount | None,
        target_ref: str,
        handle: str,
        granted_at: datetime | None,
        paths: list[str],
        by_profile: bool = False,
    ) -> Item:
        verdict = assess(facts, now=self.now)
        mark = fingerprint(facts, subject_ref=subject_ref, target_ref=target_ref, handle=handle)
        return Item(
            campaign=self.campaign,
            kind=facts.kind,
            subject_ref=subject_ref,
            subject_name=subject_name,
            subject_person=self.people.get(subject_name.casefold()),
            subject_is_integration=bool(account and account.is_integration),
            subject_is_active=facts.account_is_active,
            target_ref=target_ref,
            label=facts.label,
            handle=handle,
            fingerprint=mark,
            dangerous=list(facts.dangerous or ()),
            paths=[path[:400] for path in paths],
            granted_at=granted_at,
            last_used_at=facts.last_used_at,
            use_count=facts.use_count,
            risk=verdict.risk,
            risk_reason=verdict.risk_reason,
            suggestion=verdict.suggestion,
            suggestion_reason=verdict.suggestion_reason,
            change=Change.UNCHANGED if mark in self.seen_before else Change.NEW,
            protected=protection.reason(
                connection=self.connection,
                accounts=self.findings.accounts,
                subject_ref=subject_ref,
                subject_name=subject_name,
                by_profile=by_profile,
            ),
        )

    def _account_paths(self, org_user_id: str) -> list[str]:
        rows = [row for row in self.findings.held_by[org_user_id] if row.dangerous]
        ways = _together((tuple(row.dangerous or ()), row.label) for row in rows)
        return [f"{', '.join(names)} through {way}" for names, way in ways]

    def _paths_of(self, row: SnapshotAssignment, label: str) -> list[str]:
        how = "permission set group" if row.via_group_id else "permission set"
        how = "profile" if row.owned_by_profile else how
        paths = [f"Assigned through the {how} {label}"]
        others = [
            (tuple(sorted(set(row.dangerous or ()) & set(other.dangerous or ()))), other.label)
            for other in self.findings.held_by[row.account.org_user_id]
            if other.pk != row.pk
        ]
        ways = _together((shared, way) for shared, way in others if shared)
        return paths + [f"{', '.join(names)} would remain through {way}" for names, way in ways]

    def _assign(self, items: list[Item]) -> None:
        """Each account's grants to one reviewer, in turn, never to the account's own person."""
        chosen: dict[str, User] = {}
        for item in items:
            if item.subject_ref not in chosen:
                chosen[item.subject_ref] = self._reviewer_for(item, turn=len(chosen))
            item.reviewer = chosen[item.subject_ref]

    def _reviewer_for(self, item: Item, *, turn: int) -> User:
        free = [user for user in self.reviewers if user.person_id != item.subject_person]
        if not free:
            raise NoReviewer(
                f"Nobody independent can review the grants of {item.subject_ref}: the only"
                " reviewer of this org holds them. Make someone else a reviewer first.",
                field="reviewers",
            )
        return free[turn % len(free)]


def fingerprint(facts: Facts, *, subject_ref: str, target_ref: str, handle: str) -> str:
    """The same for the very same grant with the same reach, in whichever review it stands."""
    told: dict[str, Any] = {
        "kind": str(facts.kind),
        "subject": subject_ref,
        "target": target_ref,
        "handle": hashlib.sha256(handle.encode()).hexdigest(),
        "dangerous": None if facts.dangerous is None else sorted(facts.dangerous),
        "scopes": None if facts.scopes is None else sorted(facts.scopes),
        "active": facts.account_is_active,
    }
    return hashlib.sha256(rfc8785.dumps(told)).hexdigest()


def _token_path(token: SnapshotToken, app: SnapshotApp | None) -> str:
    if app is None:
        return f"Token of {token.app_name}, which is not installed in the org"
    scopes = "scopes unknown" if app.scopes is None else f"scopes {', '.join(app.scopes) or 'none'}"
    kind = SnapshotApp.Kind(app.kind).label.lower()
    return f"Token of the {kind} {app.label}: {scopes}"


def _together(held: Iterable[tuple[tuple[str, ...], str]]) -> list[tuple[tuple[str, ...], str]]:
    """The same permissions once, with every way by which they are held."""
    ways: dict[tuple[str, ...], list[str]] = {}
    for names, way in held:
        ways.setdefault(names, []).append(way)
    return [(names, " and ".join(dict.fromkeys(them))) for names, them in ways.items()]
