"""Routes of breakglass: pages, and the API under /api/v1/."""

from apps.breakglass.api import views as api
from apps.breakglass.api.policy import Policy
from apps.breakglass.api.records import Record
from apps.breakglass.views import deciding, lists, request
from apps.common import powers
from apps.common.routes import PUBLIC, route

READ, ASK, DECIDE = powers.READ_EMERGENCY, powers.REQUEST_EMERGENCY, powers.APPROVE_EMERGENCY
ONE = "emergency/<uuid:request_id>/"
API = "api/v1/emergency/requests/"
API_ONE = f"{API}<uuid:request_id>/"

app_name = "breakglass"
urlpatterns = [
    route("emergency/", lists.requests, name="requests", policy=READ),
    route("emergency/new/", lists.ask, name="ask", policy=ASK),
    route(ONE, request.detail, name="request", policy=READ),
    route(f"{ONE}submit/", request.submit, name="submit", policy=ASK),
    route(f"{ONE}decide/", deciding.decide, name="decide", policy=DECIDE),
    route(f"{ONE}refuse/", deciding.refuse, name="refuse", policy=DECIDE),
    route(f"{ONE}withdraw/", request.withdraw, name="withdraw", policy=READ),
    route(f"{ONE}end/", request.end, name="end", policy=READ),
    route(f"{ONE}reveal/", request.reveal, name="reveal", policy=ASK),
    route(API, api.Requests.as_view(), name="api-requests", policy={"GET": READ, "POST": ASK}),
    route(API_ONE, api.OneRequest.as_view(), name="api-request", policy=READ),
    route(f"{API_ONE}approve/", api.Approve.as_view(), name="api-approve", policy=DECIDE),
    route(f"{API_ONE}deny/", api.Deny.as_view(), name="api-deny", policy=DECIDE),
    route(f"{API_ONE}withdraw/", api.Withdraw.as_view(), name="api-withdraw", policy=READ),
    route(f"{API_ONE}end/", api.End.as_view(), name="api-end", policy=READ),
    route(f"{API_ONE}reveal/", api.Reveal.as_view(), name="api-reveal", policy=ASK),
    route(
        "api/v1/emergency/policy/",
        Policy.as_view(),
        name="api-policy",
        policy={"GET": READ, "POST": powers.MANAGE_POLICY},
    ),
    # Public at the gate: the view asks for the emergency token itself, on every call.
    route(
        "api/v1/emergency/records/<str:object_name>/<str:record_id>/",
        Record.as_view(),
        name="api-record",
        policy=PUBLIC,
        own_scope=True,
    ),
]
