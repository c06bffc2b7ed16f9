"""An active access to one case of a sandbox org, read over HTTP in a tenant of its own."""

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.breakglass import services
from apps.breakglass.models import Request
from apps.common.clock import database_now
from apps.crm.session import open_org
from apps.custody.access import emergency_access
from apps.custody.models import IssuedToken
from tests.breakglass.actions import path_of
from tests.breakglass.conftest import Emergency
from tests.cast import make_cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

FIELDS = ["CaseNumber", "Status"]


@dataclass
class Opened:
    """An active access to one case of the sandbox org, and its token."""

    emergency: Emergency
    request: Request
    text: str
    record: dict[str, Any]
    other: str

    def get(self, record_id: str = "", object_name: str = "Case", **extra: Any) -> Any:
        return Client().get(
            reverse("breakglass:api-record", args=[object_name, record_id or self.record["Id"]]),
            extra.pop("query", {}),
            headers={"Authorization": f"Bearer {extra.pop('text', self.text)}"},
            **extra,
        )

    def path(self) -> list[str]:
        with self.emergency.cast.at_acme():
            return path_of(self.request)

    def end(self) -> None:
        with self.emergency.cast.at_acme("lena") as lena:
            services.end_early(actor=lena, request_id=self.request.pk, now=database_now())


def open_access(sandbox: RunningSandbox, **other: Any) -> Opened:
    """Bob's active access to a case of the sandbox; `other` is about the connection."""
    cast = make_cast()
    connection = orgs.connect(cast, sandbox, **other)
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        soql = "SELECT Id, CaseNumber, Status FROM Case ORDER BY CaseNumber LIMIT 2"
        record, another = org.query(soql)
    emergency = Emergency(cast, connection)
    with cast.at_acme("bob"):
        scope = {"Case": {"fields": FIELDS, "records": [record["Id"]]}}
        request = emergency.active(scope=scope)
        text = token_of(request)
    return Opened(emergency, request, text, record, another["Id"])


def token_of(request: Request) -> str:
    """The text of an active access's token; needs its tenant in scope."""
    with emergency_access():
        return str(IssuedToken.objects.get(origin_id=request.pk).secret)
