"""Routes of tenancy."""

from apps.common import powers
from apps.common.routes import VERIFIED, route
from apps.tenancy import views
from apps.tenancy.api.views import MemberList, TakeRole

app_name = "tenancy"
urlpatterns = [
    route("tenants/", views.choose, name="choose", policy=VERIFIED),
    route("tenants/enter/", views.enter, name="enter", policy=VERIFIED),
    route("tenants/<uuid:tenant_id>/switch/", views.switch, name="switch", policy=VERIFIED),
    route("people/", views.members, name="members", policy=powers.MANAGE_MEMBERS),
    route(
        "people/<uuid:user_id>/<slug:role>/remove/",
        views.remove,
        name="remove",
        policy=powers.MANAGE_MEMBERS,
    ),
    route(
        "api/v1/members/", MemberList.as_view(), name="api-members", policy=powers.MANAGE_MEMBERS
    ),
    route(
        "api/v1/members/<uuid:user_id>/<slug:role>/take/",
        TakeRole.as_view(),
        name="api-take-role",
        policy=powers.MANAGE_MEMBERS,
    ),
]
