"""What has happened at the demo's first tenant before anybody signs in."""

from collections.abc import Callable

from apps.demo.orgs import Org
from apps.tenancy.models import Tenant

Say = Callable[[str], object]


def tell(tenant: Tenant, org: Org, *, say: Say) -> None:
    """Connect the org, read it, and leave one thing for each person to decide."""
