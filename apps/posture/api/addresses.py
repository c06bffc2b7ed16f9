"""Routes of the API about the matrix, purposes, service accounts and revocations."""

from apps.common import powers
from apps.common.routes import route
from apps.posture.api import reach

READ, APPROVE, MANAGE = powers.READ_APPS, powers.APPROVE_BASELINE, powers.MANAGE_CONNECTIONS
APP, ACCOUNT = "api/v1/apps/<uuid:app_id>/", "api/v1/service-accounts/<uuid:account_id>/"
PURPOSE = "api/v1/purposes/<uuid:purpose_id>/"
OF_ORG = "api/v1/connections/<uuid:connection_id>/service-accounts/"
REVOCATION = "api/v1/revocations/<uuid:revocation_id>/"

routes = [
    route(f"{APP}matrix/", reach.AppMatrix.as_view(), name="api-matrix", policy=READ),
    route(f"{APP}purposes/", reach.PurposeList.as_view(), name="api-purposes", policy=READ),
    route(f"{APP}revoke/", reach.AppRevocation.as_view(), name="api-revoke-app", policy=MANAGE),
    route(
        f"{PURPOSE}approve/",
        reach.PurposeApproval.as_view(),
        name="api-approve-purpose",
        policy=APPROVE,
    ),
    route(
        f"{PURPOSE}refuse/",
        reach.PurposeRefusal.as_view(),
        name="api-refuse-purpose",
        policy=APPROVE,
    ),
    route(OF_ORG, reach.AccountList.as_view(), name="api-service-accounts", policy=READ),
    route(
        f"{ACCOUNT}revoke/",
        reach.AccountRevocation.as_view(),
        name="api-revoke-account",
        policy=MANAGE,
    ),
    route(REVOCATION, reach.RevocationDetail.as_view(), name="api-revocation", policy=READ),
]
