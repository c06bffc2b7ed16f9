"""Routes of API tokens."""

from apps.common import powers
from apps.common.routes import route
from apps.custody import views

app_name = "custody"
urlpatterns = [
    route("tokens/", views.api_tokens, name="tokens", policy=powers.MANAGE_API_TOKENS),
    route("tokens/<uuid:token_id>/end/", views.end, name="end", policy=powers.MANAGE_API_TOKENS),
]
