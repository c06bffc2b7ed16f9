"""Giving links to packs, taking packs by them, withdrawing them."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import FreshFactor, User
from apps.common.clock import not_before
from apps.common.errors import Conflict, Denied, NotFound
from apps.common.keyring import CannotOpen
from apps.evidence import files, policies, selectors
from apps.evidence.downloads.errors import LinkOver, PackDamaged
from apps.evidence.downloads.models import LIFE, MOST_USES, DownloadGrant
from apps.evidence.downloads.ranges import Part, choose_part
from apps.evidence.models import Pack
from apps.ledger import services as ledger

DOWNLOAD = "evidence.pack.download"
NO_LINK = "There is no such link here."


@dataclass(frozen=True)
class Wish:
    """What a request for a link's file asks for: header values, empty when absent."""

    asked_range: str = ""
    if_range: str = ""
    only_headers: bool = False


@dataclass(frozen=True)
class Handed:
    """What is handed over. `pieces` read the sealed file as they are taken, without a scope."""

    pack: Pack
    part: Part
    is_partial: bool
    pieces: Iterator[bytes]


@transaction.atomic
def grant_download(
    *, actor: User, pack_id: UUID, factor: FreshFactor, bound_to: bytes, now: datetime
) -> tuple[DownloadGrant, str]:
    """A link to a pack for this person, here and now, and its secret, which is shown once.

    `bound_to` is `binding.bound_to(request)`. Raises `Denied`, `NotFound`, `Conflict`,
    `FactorRefused`.
    """
    selectors.get_pack_for(actor=actor, pack_id=pack_id)
    pack = Pack.objects.select_for_update().get(pk=pack_id)
    if pack.state != Pack.State.READY:
        raise Conflict("This pack is not ready yet.")
    accounts.spend_factor(
        factor=factor, user=actor, decision=DOWNLOAD, subject=pack.sha256, now=now
    )
    secret, granted_at = secrets.token_urlsafe(32), not_before(now)
    grant: DownloadGrant = DownloadGrant.objects.create(
        pack=pack,
        holder=actor,
        factor=factor,
        digest=digest_of(secret),
        bound_to=bound_to,
        granted_at=granted_at,
        expires_at=granted_at + LIFE,
    )
    ledger.record(
        actor=actor,
        action="evidence.download.granted",
        target=grant,
        at=granted_at,
        data={"pack": str(pack.pk), "until": grant.expires_at.isoformat()},
    )
    return grant, secret


@transaction.atomic
def take(*, actor: User, secret: str, bound_to: bytes, wish: Wish, now: datetime) -> Handed:
    """The file, or the part of it that was asked for, by a link that is still good.

    Time is judged on the database's clock once the link's row is held. Asking for the headers
    alone uses nothing up. Raises `Denied`, `NotFound`, `LinkOver`, `RangeOutside`, `PackDamaged`.
    """
    policies.may_export(actor=actor).require()
    rows = DownloadGrant.objects.select_for_update(of=("self",)).select_related("pack")
    grant = rows.filter(digest=digest_of(secret)).first()
    if grant is None:
        raise NotFound(NO_LINK)
    if grant.holder_id != actor.pk or bytes(grant.bound_to) != bound_to:
        raise Denied(
            "This link was given to somebody else, or to another session. "
            "Ask for one of your own on the pack's page.",
            rule="download-link-is-bound",
        )
    policies.may_see(actor=actor, pack=grant.pack).require()
    used_at = not_before(now)
    _require_alive(grant, used_at)
    pack = grant.pack
    part, is_partial = choose_part(
        wish.asked_range, if_range=wish.if_range, etag=etag_of(pack), size=pack.size_bytes
    )
    if wish.only_headers:
        return Handed(pack, part, is_partial, iter(()))
    pieces = _open(pack, part)
    _note_use(grant, actor, part, used_at)
    return Handed(pack, part, is_partial, pieces)


@transaction.atomic
def revoke(*, actor: User, pack_id: UUID, grant_id: UUID, now: datetime) -> DownloadGrant:
    """Withdraw a link before it expires. Withdrawing twice changes nothing.

    Raises `Denied`, `NotFound`.
    """
    selectors.get_pack_for(actor=actor, pack_id=pack_id)
    rows = DownloadGrant.objects.select_for_update()
    grant: DownloadGrant | None = rows.filter(pk=grant_id, pack_id=pack_id).first()
    if grant is None:
        raise NotFound(NO_LINK)
    if grant.revoked_at is None:
        grant.revoked_at, grant.revoked_by = now, actor
        grant.save(update_fields=["revoked_at", "revoked_by"])
        ledger.record(
            actor=actor,
            action="evidence.download.revoked",
            target=grant,
            at=now,
            data={"pack": str(pack_id)},
        )
    return grant


def digest_of(secret: str) -> bytes:
    """What the database keeps of a link's secret. It has 256 random bits: no salt is needed."""
    return hashlib.sha256(secret.encode()).digest()


def etag_of(pack: Pack) -> str:
    """A strong validator (RFC 9110 §8.8.3): the SHA-256 of the very bytes."""
    return f'"{pack.sha256}"'


def _require_alive(grant: DownloadGrant, at: datetime) -> None:
    if grant.revoked_at is not None:
        raise LinkOver("This link was withdrawn. Ask for a new one on the pack's page.")
    if at >= grant.expires_at:
        raise LinkOver("This link has expired. Ask for a new one on the pack's page.")
    if grant.uses >= MOST_USES:
        raise LinkOver(f"This link was used {MOST_USES} times. Ask for a new one.")


def _open(pack: Pack, part: Part) -> Iterator[bytes]:
    try:
        found = files.reader(pack.pk)
        if found is None:  # sealed whole, before files were sealed in segments
            return iter([files.fetch(pack.pk)[part.first : part.last + 1]])
    except (CannotOpen, OSError) as error:
        raise PackDamaged(
            "The file of this pack is missing or was changed. Make a new pack."
        ) from error
    if found.size != pack.size_bytes:
        found.file.close()
        raise PackDamaged("The file of this pack has another size than it had. Make a new pack.")
    return found.read(part.first, part.last + 1)


def _note_use(grant: DownloadGrant, actor: User, part: Part, at: datetime) -> None:
    grant.uses += 1
    grant.last_used_at = at
    grant.save(update_fields=["uses", "last_used_at"])
    ledger.record(
        actor=actor,
        action="evidence.pack.downloaded",
        target=grant.pack,
        at=at,
        data={
            "sha256": grant.pack.sha256,
            "link": str(grant.pk),
            "first": part.first,
            "last": part.last,
        },
    )
