"""How a tenant's packs look: reading and changing it."""

import hashlib
from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.common.errors import Invalid
from apps.evidence import logo, policies
from apps.evidence.models import Branding, Language
from apps.ledger import services as ledger


def current_branding() -> Branding:
    """The tenant's look, or the one every tenant begins with (not yet stored)."""
    return Branding.objects.first() or Branding()


@transaction.atomic
def change_look(
    *, actor: User, language: str, uploaded: bytes | None, remove_logo: bool, now: datetime
) -> Branding:
    """Set the language packs are written in; `uploaded` replaces the logo. Raises `Invalid`."""
    policies.may_make(actor=actor).require()
    if language not in Language.values:
        raise Invalid(f"Packs are written in {' or '.join(Language.values)}.", field="language")
    branding, _ = Branding.objects.get_or_create()
    branding.language, branding.changed_at = language, now
    if uploaded:
        branding.logo = logo.clean(uploaded)
    elif remove_logo:
        branding.logo = b""
    branding.save()
    drawn = bytes(branding.logo)
    data = {"language": language, "logo": hashlib.sha256(drawn).hexdigest() if drawn else ""}
    ledger.record(actor=actor, action="evidence.look.changed", target=branding, at=now, data=data)
    return branding
