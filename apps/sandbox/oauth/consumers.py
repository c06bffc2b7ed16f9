"""The client side of an app: its key, its secret, its certificate and its policies."""

from dataclasses import asdict, dataclass

from apps.sandbox.org import Org


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """One app's OAuth settings as the token endpoint needs them."""

    key: str
    secret: str
    app_id: str
    app_name: str
    scopes: tuple[str, ...]
    admin_approved_only: bool
    certificate: str = ""
    client_credentials_user: str = ""
    rotates_refresh_tokens: bool = True
    session_minutes: int = 120


def save_consumer(org: Org, consumer: Consumer) -> None:
    org.store.put("consumer", consumer.key, asdict(consumer))


def find_consumer(org: Org, key: str) -> Consumer | None:
    document = org.store.get("consumer", key)
    return Consumer(**{**document, "scopes": tuple(document["scopes"])}) if document else None


def consumer_of_app(org: Org, app_name: str) -> Consumer | None:
    keys = org.store.keys("consumer")
    found = (find_consumer(org, key) for key in keys)
    return next((each for each in found if each and each.app_name == app_name), None)


def scopes_of(org: Org, consumer: Consumer) -> tuple[str, ...]:
    """The app's scopes now: an external client app's are read from its settings record."""
    settings = org.first("ExtlClntAppOauthSettings", ExternalClientApplicationId=consumer.app_id)
    if settings is None:
        return consumer.scopes
    return tuple(
        scope for flag, scope in SCOPE_OF_FLAG.items() if settings.get(f"OauthScopes{flag}")
    )


SCOPE_OF_FLAG = {
    "API": "api",
    "WEB": "web",
    "FULL": "full",
    "REFRESH_TOKEN": "refresh_token",
    "OFFLINE_ACCESS": "offline_access",
    "OPENID": "openid",
    "SSO": "id",
    "PROFILE": "profile",
    "EMAIL": "email",
    "CHATTER_REST_API": "chatter_api",
    "EINSTEIN_GPT_API": "einstein_gpt_api",
    "SFAP_API": "sfap_api",
    "MCP_API": "mcp_api",
    "CDP_QUERY_API": "cdp_query_api",
    "CHATBOT_API": "chatbot_api",
}
