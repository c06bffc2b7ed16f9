"""Routes of dashboard."""

from apps.common import powers
from apps.common.routes import route
from apps.dashboard import views

app_name = "dashboard"
urlpatterns = [route("", views.home, name="home", policy=powers.READ_OVERVIEW)]
