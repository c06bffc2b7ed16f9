"""Routes of changes: pages, and the API under /api/v1/."""

from apps.changes.api import views as api
from apps.changes.views import forms, lists, one
from apps.common import powers
from apps.common.routes import route

READ, PROPOSE, APPROVE = powers.READ_CHANGES, powers.PROPOSE_CHANGE, powers.APPROVE_CHANGE
ONE = "changes/<uuid:proposal_id>/"
API = "api/v1/changes/"
API_ONE = f"{API}<uuid:proposal_id>/"

app_name = "changes"
urlpatterns = [
    route("changes/", lists.proposals, name="proposals", policy=READ),
    route(
        "changes/new/networks/<uuid:token_id>/",
        forms.propose_networks,
        name="propose-networks",
        policy=PROPOSE,
    ),
    route(
        "changes/new/baseline/<uuid:app_id>/",
        forms.propose_baseline,
        name="propose-baseline",
        policy=PROPOSE,
    ),
    route(
        "changes/new/connection/<uuid:connection_id>/",
        forms.propose_connection,
        name="propose-connection",
        policy=PROPOSE,
    ),
    route(
        "changes/new/connection/<uuid:connection_id>/networks/",
        forms.propose_org_networks,
        name="propose-org-networks",
        policy=PROPOSE,
    ),
    route(
        "changes/new/endpoint/<uuid:endpoint_id>/",
        forms.propose_endpoint,
        name="propose-endpoint",
        policy=PROPOSE,
    ),
    route(
        "changes/new/zone/<uuid:zone_id>/path/",
        forms.propose_zone_path,
        name="propose-zone-path",
        policy=PROPOSE,
    ),
    route("changes/new/policy/", forms.propose_policy, name="propose-policy", policy=PROPOSE),
    route(f"{ONE}progress/", one.progress, name="progress", policy=READ),
    route(ONE, one.proposal, name="proposal", policy={"GET": READ, "POST": APPROVE}),
    route(f"{ONE}refuse/", one.refuse, name="refuse", policy=APPROVE),
    route(f"{ONE}withdraw/", one.withdraw, name="withdraw", policy=PROPOSE),
    route(f"{ONE}back/", one.go_back, name="go-back", policy=APPROVE),
    route(
        API, api.Proposals.as_view(), name="api-proposals", policy={"GET": READ, "POST": PROPOSE}
    ),
    route(API_ONE, api.OneProposal.as_view(), name="api-proposal", policy=READ),
    route(f"{API_ONE}approve/", api.ApproveProposal.as_view(), name="api-approve", policy=APPROVE),
    route(f"{API_ONE}refuse/", api.RefuseProposal.as_view(), name="api-refuse", policy=APPROVE),
    route(
        f"{API_ONE}withdraw/", api.WithdrawProposal.as_view(), name="api-withdraw", policy=PROPOSE
    ),
    route(f"{API_ONE}back/", api.GoBack.as_view(), name="api-back", policy=APPROVE),
]
