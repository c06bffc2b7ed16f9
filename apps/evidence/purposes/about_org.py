"""Which events of the ledger concern one org: those about it or its things, and those naming it."""

from uuid import UUID

from django.db.models import (
    BinaryField,
    CharField,
    F,
    Func,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast

from apps.breakglass.models import Request
from apps.changes.models import Proposal
from apps.crm.models import LogFile, LogWatch, OrgToken, Snapshot, Trouble
from apps.evidence.purposes.purpose import in_window
from apps.evidence.sections.incident.rows import ALARMS, changes_of
from apps.evidence.sections.window import Window
from apps.ledger.models import Event
from apps.posture.models import (
    AppPurpose,
    Finding,
    Revocation,
    RevokedGrant,
    Scan,
    ScopeBaseline,
)
from apps.reviews.models import Campaign, Item
from apps.sync.models import Job, Run

# Each of an org's things by the way that leads from it to the org.
_THINGS: tuple[tuple[type[Model], str], ...] = (
    (OrgToken, "connection"),
    (Trouble, "connection"),
    (Snapshot, "connection"),
    (LogWatch, "connection"),
    (LogFile, "connection"),
    (Finding, "connection"),
    (Scan, "connection"),
    (ScopeBaseline, "connection"),
    (AppPurpose, "connection"),
    (Revocation, "connection"),
    (RevokedGrant, "revocation__connection"),
    (Request, "connection"),
    (Campaign, "connection"),
    (Item, "campaign__connection"),
    (Job, "connection"),
    (Run, "job__connection"),
)


def events_about(org_id: UUID, window: Window) -> QuerySet[Event]:
    """Events of the window whose target is the org or a thing of it as the console's tables know
    them, whose data names the org's id, or that are alarms of the ledger itself."""
    about = Q(target_id=str(org_id)) | Q(action__in=ALARMS) | Q(named_at__gt=0)
    for model, way in _THINGS:
        about |= _of(model._default_manager.filter(**{way: org_id}), "pk")
    about |= _of(Request.objects.filter(connection=org_id, token__isnull=False), "token_id")
    about |= _of(changes_of(org_id, Proposal.objects.all()), "pk")
    return in_window(window).annotate(named_at=_place_of(str(org_id))).filter(about)


def _of(rows: QuerySet[Model], key: str) -> Q:
    ids = rows.order_by().annotate(as_text=Cast(F(key), CharField())).values("as_text")
    return Q(target_id__in=ids)


def _place_of(text: str) -> Func:
    """Where the body holds the text, zero for nowhere (bodies are UTF-8)."""
    sought = Value(text.encode(), output_field=BinaryField())
    return Func(
        sought,
        F("body"),
        template="position(%(expressions)s)",
        arg_joiner=" in ",
        output_field=IntegerField(),
    )
