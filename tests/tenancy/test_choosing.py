"""Choosing a tenant leads on to the page that was asked for, and never off the console."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.tenancy import services
from apps.tenancy.identity import SESSION_TENANT
from tests.cast import INSTALLER, Cast


@pytest.fixture
def undecided(cast: Cast) -> Client:
    """Otto, who belongs to both tenants and has chosen neither."""
    with scoped(tenant_id=cast.globex.pk, user_id=cast.otto.pk, login=cast.otto.email):
        services.enrol(actor=INSTALLER, user=cast.otto, role="auditor", now=database_now())
    client = cast.client("otto")
    session = client.session
    session.pop(SESSION_TENANT, None)
    session.save()
    return client


def test_the_page_that_was_asked_for_is_not_forgotten(cast: Cast, undecided: Client) -> None:
    asked = undecided.get("/ledger/?period=7d")
    assert asked.status_code == 302
    page = undecided.get(asked["Location"]).content.decode()
    address = f"{reverse('tenancy:switch', args=[cast.acme.pk])}?next=%2Fledger%2F%3Fperiod%3D7d"
    assert f'action="{address}"' in page
    assert undecided.post(address)["Location"] == "/ledger/?period=7d"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/"])
def test_it_never_leads_elsewhere(cast: Cast, undecided: Client, target: str) -> None:
    address = reverse("tenancy:switch", args=[cast.acme.pk])
    assert undecided.post(f"{address}?next={target}")["Location"] == "/"
