"""Routes of findings: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.posture.findings import api, pages

READ = powers.READ_APPS
API = "api/v1/findings/"
API_ONE = f"{API}<uuid:finding_id>/"

# Who may act on a finding follows from its org; the services decide.
routes = [
    route("findings/", pages.findings, name="findings", policy=READ),
    route("findings/<uuid:finding_id>/", pages.finding, name="finding", policy=READ),
    route(API, api.FindingList.as_view(), name="api-findings", policy=READ),
    route(API_ONE, api.FindingDetail.as_view(), name="api-finding", policy=READ),
    route(f"{API_ONE}assign/", api.FindingAssign.as_view(), name="api-assign", policy=READ),
    route(f"{API_ONE}accept/", api.FindingAccept.as_view(), name="api-accept", policy=READ),
    route(f"{API_ONE}begin/", api.FindingBegin.as_view(), name="api-begin", policy=READ),
    route(f"{API_ONE}fixed/", api.FindingFixed.as_view(), name="api-fixed", policy=READ),
]
