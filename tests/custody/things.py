"""Rows with sealed columns to rotate keys under."""

from datetime import timedelta

from apps.common.clock import database_now
from apps.custody.models import KeyWork
from apps.llm.models import Endpoint
from apps.residency.models import Zone
from tests.cast import Cast


def make_endpoints(cast: Cast, count: int) -> list[Endpoint]:
    """Endpoints whose API key reads `key-<id>`; needs Acme in scope."""
    zone = Zone.objects.create(name="EU", jurisdictions=["DE"])
    made = []
    for number in range(count):
        endpoint = Endpoint(
            name=f"e{number}", base_url="https://models.example", zone=zone, model="small"
        )
        endpoint.api_key = f"key-{endpoint.pk}"
        endpoint.save(force_insert=True)
        made.append(endpoint)
    return made


def settle(work: KeyWork) -> None:
    """Let the time pass in which other processes may still seal under the old key."""
    KeyWork.objects.filter(pk=work.pk, state=KeyWork.State.SETTLING).update(
        settles_at=database_now() - timedelta(seconds=1)
    )
