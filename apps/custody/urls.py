"""Routes of API tokens."""

from apps.common import powers
from apps.common.routes import route
from apps.custody import views
from apps.custody.api.views import EndToken, Tokens

MANAGE = powers.MANAGE_API_TOKENS
app_name = "custody"
urlpatterns = [
    route("tokens/", views.api_tokens, name="tokens", policy=MANAGE),
    route("tokens/<uuid:token_id>/end/", views.end, name="end", policy=MANAGE),
    route("api/v1/tokens/", Tokens.as_view(), name="api-tokens", policy=MANAGE),
    route("api/v1/tokens/<uuid:token_id>/end/", EndToken.as_view(), name="api-end", policy=MANAGE),
]
