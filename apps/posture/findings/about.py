"""What findings are about: names that people know, and the page of the app or account.

A finding keeps the org's id of an account, because the name is sealed; pages open it for reading.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F
from django.urls import reverse

from apps.crm import selectors as crm
from apps.crm.models import SnapshotAccount, SnapshotApp
from apps.posture.models import Finding

_ACCOUNT = "account:"
_APPS = tuple(f"{kind}:" for kind in SnapshotApp.Kind.values)
Key = tuple[UUID, str]  # an org, and how it names an app or account


@dataclass(frozen=True, slots=True)
class About:
    """One thing of an org as its page names it."""

    ref: str
    name: str
    url: str


def abouts_of(findings: Collection[Finding]) -> dict[UUID, About]:
    """The app or account of each finding by the finding's id, as the newest snapshots know them.

    In three queries at most. Findings about other things, or things now gone, are absent.
    """
    wanted = {each.pk: found for each in findings if (found := _subject(each))}
    if not wanted:
        return {}
    orgs = {each.connection for each in findings if each.connection}
    snapshots = [each.pk for each in crm.latest_snapshots(orgs).values()]
    keys = {key for _, key in wanted.values()}
    known = {**_accounts(snapshots, keys), **_apps(snapshots, keys)}
    return {pk: known[key] for pk, key in wanted.items() if key in known}


def title_of(finding: Finding, about: About | None) -> str:
    """The finding's title with the account's name in place of its id, without marks of code."""
    named = finding.title.replace("`", "")
    if about is None:
        return named
    for words in (f"Account {about.ref}", f"account {about.ref}"):
        named = named.replace(words, about.name)
    return named


def _subject(finding: Finding) -> Key | None:
    key = finding.subject.partition("|")[0]
    if finding.connection_id is None or not key.startswith((_ACCOUNT, *_APPS)):
        return None
    return finding.connection_id, key


def _accounts(snapshots: list[UUID], keys: set[str]) -> dict[Key, About]:
    refs = [key.removeprefix(_ACCOUNT) for key in keys if key.startswith(_ACCOUNT)]
    if not refs:
        return {}
    rows = SnapshotAccount.objects.filter(snapshot__in=snapshots, org_user_id__in=refs)
    return {
        (row.org, f"{_ACCOUNT}{row.org_user_id}"): About(
            row.org_user_id,
            row.username or f"Account {row.org_user_id}",
            _page("posture:service-account", row.pk),
        )
        for row in rows.annotate(org=F("snapshot__connection"))
    }


def _apps(snapshots: list[UUID], keys: set[str]) -> dict[Key, About]:
    refs = [key.partition(":")[2] for key in keys if key.startswith(_APPS)]
    if not refs:
        return {}
    rows = SnapshotApp.objects.filter(snapshot__in=snapshots, org_app_id__in=refs)
    return {
        (row.org, row.app_key): About(row.org_app_id, row.label, _page("posture:app", row.pk))
        for row in rows.annotate(org=F("snapshot__connection"))
    }


def _page(name: str, pk: UUID) -> str:
    return reverse(name, args=[pk])
