"""Routes of service accounts and revocations."""

from apps.common import powers
from apps.common.routes import route
from apps.posture.revocations import pages

READ, MANAGE = powers.READ_APPS, powers.MANAGE_CONNECTIONS
ACCOUNT = "service-accounts/<uuid:account_id>/"
ONE = "revocations/<uuid:revocation_id>/"

routes = [
    route("service-accounts/", pages.service_accounts, name="service-accounts", policy=READ),
    route(ACCOUNT, pages.service_account, name="service-account", policy=READ),
    route(f"{ACCOUNT}proposed/", pages.proposed_set, name="proposed-set", policy=READ),
    route(f"{ACCOUNT}revoke/", pages.revoke_account, name="revoke-account", policy=MANAGE),
    route("apps/<uuid:app_id>/revoke/", pages.revoke_app, name="revoke-app", policy=MANAGE),
    route(ONE, pages.revocation, name="revocation", policy=READ),
    route(f"{ONE}progress/", pages.revocation_progress, name="revocation-progress", policy=READ),
]
