"""Routes of dashboard: the home page, and the same over the API."""

from apps.common import powers
from apps.common.routes import route
from apps.dashboard import views
from apps.dashboard.api.views import Overview

app_name = "dashboard"
urlpatterns = [
    route("", views.home, name="home", policy=powers.READ_OVERVIEW),
    route("api/v1/overview/", Overview.as_view(), name="api-overview", policy=powers.READ_OVERVIEW),
]
