"""Routes of API tokens, keys and sealed details of persons."""

from apps.common import powers
from apps.common.routes import route
from apps.custody import keyviews, views
from apps.custody.api import keys as api
from apps.custody.api.views import EndToken, Tokens

MANAGE, KEYS, PEOPLE = powers.MANAGE_API_TOKENS, powers.MANAGE_KEYS, powers.MANAGE_MEMBERS
app_name = "custody"
urlpatterns = [
    route("tokens/", views.api_tokens, name="tokens", policy=MANAGE),
    route("tokens/<uuid:token_id>/end/", views.end, name="end", policy=MANAGE),
    route("api/v1/tokens/", Tokens.as_view(), name="api-tokens", policy=MANAGE),
    route("api/v1/tokens/<uuid:token_id>/end/", EndToken.as_view(), name="api-end", policy=MANAGE),
    route("keys/", keyviews.keys, name="keys", policy=KEYS),
    route("keys/rotate/", keyviews.rotate, name="key-rotate", policy=KEYS),
    route("keys/own/", keyviews.supply, name="own-supply", policy=KEYS),
    route("keys/own/revoke/", keyviews.revoke, name="own-revoke", policy=KEYS),
    route("keys/persons/<uuid:key_id>/erase/", keyviews.erase, name="erase", policy=PEOPLE),
    route("api/v1/keys/", api.Keys.as_view(), name="api-keys", policy=KEYS),
    route("api/v1/keys/rotate/", api.Rotate.as_view(), name="api-rotate", policy=KEYS),
    route("api/v1/keys/own/", api.SupplyOwnKey.as_view(), name="api-own-supply", policy=KEYS),
    route(
        "api/v1/keys/own/revoke/", api.RevokeOwnKey.as_view(), name="api-own-revoke", policy=KEYS
    ),
    route(
        "api/v1/keys/persons/<uuid:key_id>/erase/",
        api.ErasePerson.as_view(),
        name="api-erase",
        policy=PEOPLE,
    ),
]
