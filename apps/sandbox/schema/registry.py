"""Every object of the org, found by name in any case or by key prefix."""

from apps.sandbox.schema.approvals import APPROVALS
from apps.sandbox.schema.client_apps import CLIENT_APPS
from apps.sandbox.schema.components import COMPONENTS
from apps.sandbox.schema.credentials import CREDENTIALS
from apps.sandbox.schema.crm import CRM
from apps.sandbox.schema.entities import ENTITIES
from apps.sandbox.schema.event_logs import EVENT_LOGS
from apps.sandbox.schema.fields import SObject
from apps.sandbox.schema.oauth import OAUTH
from apps.sandbox.schema.people import PEOPLE
from apps.sandbox.schema.permissions import GOVERNANCE
from apps.sandbox.schema.setup import SETUP
from apps.sandbox.schema.tooling import TOOLING

SOBJECTS: tuple[SObject, ...] = tuple(
    sorted(
        (
            *APPROVALS,
            *CLIENT_APPS,
            *COMPONENTS,
            *CREDENTIALS,
            *CRM,
            *ENTITIES,
            *EVENT_LOGS,
            *GOVERNANCE,
            *OAUTH,
            *PEOPLE,
            *SETUP,
            *TOOLING,
        ),
        key=lambda sobject: sobject.name,
    )
)
_BY_NAME = {sobject.name.lower(): sobject for sobject in SOBJECTS}


def find_sobject(name: str) -> SObject | None:
    return _BY_NAME.get(name.lower())
