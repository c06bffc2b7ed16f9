"""Reads of scans."""

from urllib.parse import urlsplit
from uuid import UUID

from django.db import models

from apps.common import powers
from apps.common.actors import Actor
from apps.common.errors import NotFound
from apps.llm import selectors as llm
from apps.posture.models import Scan, ScanFinding
from apps.tenancy import policies as tenancy


def list_scans() -> models.QuerySet[Scan]:
    """The tenant's scans, newest first, with how much they found."""
    rows = Scan.objects.select_related("connection", "asked_by").order_by("-asked_at", "-id")
    return rows.annotate(errors=_count("error"), warnings=_count("warning"), notes=_count("note"))


def get_scan_for(*, actor: Actor, scan_id: UUID) -> Scan:
    """One scan, for an actor who may see apps. Raises `Denied`, `NotFound`."""
    tenancy.may(actor, powers.READ_APPS).require()
    rows = Scan.objects.select_related("connection__zone", "asked_by")
    found: Scan | None = rows.filter(pk=scan_id).first()
    if found is None:
        raise NotFound("There is no such scan here.")
    return found


def find_scan_before(scan: Scan) -> Scan | None:
    """The last finished scan of the same org, or of uploads without one, before this."""
    rows = Scan.objects.filter(connection=scan.connection, state__in=Scan.FINISHED)
    before: Scan | None = (
        rows.filter(asked_at__lt=scan.asked_at).order_by("-asked_at", "-id").first()
    )
    return before


def list_gateways() -> list[str]:
    """Hosts that are the tenant's own: calls to them stay under its rules."""
    hosts = (urlsplit(endpoint.base_url).hostname for endpoint in llm.list_endpoints())
    return sorted({host.lower() for host in hosts if host})


def _count(level: str) -> models.Subquery:
    rows = ScanFinding.objects.filter(scan=models.OuterRef("pk"), level=level).order_by()
    counted = rows.values("scan").annotate(number=models.Count("pk")).values("number")
    return models.Subquery(counted, output_field=models.IntegerField())
