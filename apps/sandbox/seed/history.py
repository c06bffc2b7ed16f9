"""What happened in the org before anyone looked: changes to access, and refused logins."""

from datetime import timedelta

from apps.sandbox.audit import note
from apps.sandbox.seed.build import Builder
from apps.sandbox.seed.plans import PastChange, PastLogin
from apps.sandbox.times import days_before


def add_changes(builder: Builder, changes: tuple[PastChange, ...]) -> None:
    for change in changes:
        note(
            builder.org,
            action=change.action,
            display=change.display,
            by=builder.users[change.alias]["Id"],
            at=builder.now - timedelta(days=change.days),
        )


def add_refused_logins(builder: Builder, logins: tuple[PastLogin, ...]) -> None:
    for login in logins:
        builder.add(
            "LoginHistory",
            {
                "UserId": builder.users[login.alias]["Id"],
                "LoginTime": days_before(builder.now, login.days),
                "LoginType": "Remote Access 2.0",
                "SourceIp": login.address,
                "Status": login.status,
                "Application": login.app,
                "ApiType": "N/A",
                "ApiVersion": "N/A",
                "OptionsIsPost": True,
            },
        )
