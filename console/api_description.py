"""How the API is described in OpenAPI: its title, and a name for every enumeration in it."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "Bailiwick API",
    "DESCRIPTION": "What the console can do, over HTTP. Errors are RFC 9457 problem details.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "apps.common.api.description.add_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ConnectionState": "apps.crm.models.Connection.State",
        "SnapshotState": "apps.crm.models.Snapshot.State",
        "RunState": "apps.sync.models.Run.State",
        "RunItemState": "apps.sync.models.RunItem.State",
        "EndpointState": "apps.llm.models.Endpoint.State",
        "EmergencyState": "apps.breakglass.states.State",
        "ChangeState": "apps.changes.states.State",
        "CampaignState": "apps.reviews.models.CampaignState",
        "PackState": "apps.evidence.models.Pack.State",
        "ReviewChoice": "apps.reviews.models.Choice",
        "ChangeKind": "apps.changes.models.Proposal.Kind",
        "FlowPurpose": "apps.residency.models.Purpose",
    },
}
