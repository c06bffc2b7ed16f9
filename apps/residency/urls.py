"""Routes of residency: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.residency import views
from apps.residency.api import draft
from apps.residency.api import views as api

app_name = "residency"
READ, CHANGE = powers.READ_OVERVIEW, powers.MANAGE_POLICY
urlpatterns = [
    route("policy/", views.policy, name="policy", policy=READ),
    route("policy/zones/add/", views.add_zone, name="add-zone", policy=CHANGE),
    route("policy/zones/<uuid:zone_id>/", views.change_zone, name="change-zone", policy=CHANGE),
    route("policy/fields/", views.classify, name="classify", policy=CHANGE),
    route("policy/rules/add/", views.add_rule, name="add-rule", policy=CHANGE),
    route("policy/rules/<slug:name>/remove/", views.remove_rule, name="remove-rule", policy=CHANGE),
    route("policy/publish/", views.publish, name="publish", policy=CHANGE),
    route(
        "api/v1/zones/", api.Zones.as_view(), name="api-zones", policy={"GET": READ, "POST": CHANGE}
    ),
    route(
        "api/v1/policy/",
        api.Policy.as_view(),
        name="api-policy",
        policy={"GET": READ, "POST": CHANGE},
    ),
    route(
        "api/v1/zones/<uuid:zone_id>/",
        api.OneZone.as_view(),
        name="api-zone",
        policy={"GET": READ, "POST": CHANGE},
    ),
    route(
        "api/v1/policy/fields/",
        draft.Fields.as_view(),
        name="api-fields",
        policy={"GET": READ, "POST": CHANGE},
    ),
    route(
        "api/v1/policy/rules/",
        draft.Rules.as_view(),
        name="api-rules",
        policy={"GET": READ, "POST": CHANGE},
    ),
    route(
        "api/v1/policy/rules/<slug:name>/remove/",
        draft.RemoveRule.as_view(),
        name="api-remove-rule",
        policy=CHANGE,
    ),
    route("api/v1/policy/decide/", api.Decide.as_view(), name="api-decide", policy=READ),
]
