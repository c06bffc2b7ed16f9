"""Routes of signing in."""

from apps.accounts import views
from apps.common.routes import PASSWORD_ONLY, PUBLIC, route

app_name = "accounts"
urlpatterns = [
    route("signin/", views.signin, name="signin", policy=PUBLIC),
    route("signin/code/", views.second_factor, name="second-factor", policy=PASSWORD_ONLY),
    route("signin/enrol/", views.enrol, name="enrol", policy=PASSWORD_ONLY),
    route("signout/", views.signout, name="signout", policy=PASSWORD_ONLY),
]
