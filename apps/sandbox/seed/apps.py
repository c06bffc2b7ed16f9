"""What an org tells of an app's policies: as metadata, or as the fields of a record."""

from typing import Any

from apps.sandbox.org import Record
from apps.sandbox.seed.plans import App

_SPELLED = {
    "api": "Api",
    "chatter_api": "Chatter",
    "full": "Full",
    "offline_access": "OfflineAccess",
    "openid": "OpenID",
    "refresh_token": "RefreshToken",
    "web": "Web",
}


def connected_app(app: App, *, domain: str) -> dict[str, Any]:
    """Key for key as in an app's metadata file; the consumer secret is never told."""
    return {
        "contactEmail": f"crm-team@{domain}",
        "description": app.description,
        "ipRanges": [],
        "label": app.name,
        "oauthConfig": {
            "callbackUrl": f"https://{app.developer_name.lower().replace('_', '-')}.{domain}/done",
            "consumerSecret": None,
            "isAdminApproved": app.admin_only,
            "scopes": [_SPELLED[scope] for scope in app.scopes],
        },
        "oauthPolicy": {
            "ipRelaxation": "ENFORCE" if app.rotates else "BYPASS",
            "refreshTokenPolicy": "specific_lifetime:30:DAYS" if app.rotates else "infinite",
        },
    }


def oauth_policy(app: App, *, runs_as: str | None) -> Record:
    """The policies of an external client app; `runs_as` is its user for client credentials."""
    return {
        "PermittedUsersPolicyType": (
            "AdminApprovedPreAuthorized" if app.admin_only else "AllSelfAuthorized"
        ),
        "RefreshTokenPolicyType": "SpecificLifetime",
        "RefreshTokenValidityPeriod": 30,
        "RefreshTokenValidityUnit": "Days",
        "IpRelaxationPolicyType": "Enforce",
        "RequiredSessionLevel": "STANDARD",
        "SessionTimeoutInMinutes": 120,
        "IsClientCredentialsFlowEnabled": runs_as is not None,
        "ClientCredentialsFlowUser": runs_as,
        "IsNamedUserJwtEnabled": False,
    }
