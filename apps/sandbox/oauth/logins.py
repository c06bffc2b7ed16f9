"""The login history that every token request leaves behind."""

from apps.sandbox.org import Org, Record
from apps.sandbox.times import stamp
from apps.sandbox.wire import Call


def record_login(
    org: Org,
    call: Call,
    *,
    user: Record,
    app_name: str,
    status: str = "Success",
    subtype: str = "",
) -> None:
    """Write one LoginHistory record and, on success, the user's last login."""
    org.insert(
        "LoginHistory",
        {
            "UserId": user["Id"],
            "LoginTime": stamp(call.now),
            "LoginType": "Remote Access 2.0",
            "LoginSubType": subtype or None,
            "SourceIp": call.client_ip,
            "LoginUrl": org.base_url.partition("://")[2],
            "Status": status,
            "Application": app_name,
            "CountryIso": org.spec.country,
            "TlsProtocol": "TLS 1.3" if org.base_url.startswith("https") else None,
            "Browser": "Unknown",
            "Platform": "Unknown",
            "ApiType": "N/A",
            "ApiVersion": "N/A",
            "OptionsIsPost": True,
        },
        now=call.now,
    )
    if status == "Success":
        org.update("User", user["Id"], {"LastLoginDate": stamp(call.now)}, now=call.now)
