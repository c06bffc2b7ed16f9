"""A made-up tenant's pack, used by all tests of this folder."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from apps.evidence.pack.content import (
    Annex,
    Checked,
    Finding,
    NotIncluded,
    PackContent,
    Period,
    Section,
    Table,
)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
_ACTIONS = (
    "breakglass.request.approved",
    "llm.call.answered",
    "crm.token.refreshed",
    "reviews.item.decided",
)


def bodies(count: int) -> Iterator[bytes]:
    """Canonical JSON bodies as the ledger keeps them."""
    for number in range(count):
        event = {
            "action": _ACTIONS[number % len(_ACTIONS)],
            "actor": f"user:{number % 17:04d}",
            "recorded_at": (NOW - timedelta(minutes=count - number)).isoformat(),
            "target": {"id": f"{number:08d}", "kind": "request"},
            "outcome": "allowed" if number % 9 else "refused",
            "source": {"counter": number, "id": "web-1"},
        }
        yield json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


def emergency_access() -> Section:
    rows = (
        ("BG-0412", "Mara Vogt", "acme-prod", "2 h 00 min", "Legal, IT", "14 of 14 verified"),
        ("BG-0413", "Jonas Brandt", "acme-prod", "0 h 45 min", "Legal, IT", "3 of 3 verified"),
        ("BG-0415", "Aoife Kelly", "acme-hr", "1 h 30 min", "Legal, IT", "unknown"),
    )
    return Section(
        heading="Emergency access",
        summary=(
            "Three people received emergency access during this period. Every request was "
            "approved by two distinct people, neither of them the requester. For one request the "
            "rotation of the token afterwards could not be confirmed."
        ),
        result="unknown",
        exceptions=(
            Finding(
                what="BG-0415: rotation of the token is not confirmed",
                result="unknown",
                detail=(
                    "The call that rotates the token returned at 14:02 UTC, but acme-hr could not "
                    "be read afterwards. It is not known whether the old token still works."
                ),
            ),
            Finding(
                what="BG-0412: second approval 4 minutes before the deadline",
                result="attention",
                detail="Within the rule; the median this period is 9 minutes after the request.",
            ),
        ),
        checked=(
            Checked(
                what="Two distinct approvers per request",
                by="Ledger check, daily",
                result="good",
                note="3 of 3 requests",
            ),
            Checked(
                what="Access ended no later than its deadline",
                by="Ledger check, daily",
                result="good",
            ),
            Checked(
                what="Tokens rotated after use",
                by="J. Brandt, IT",
                result="unknown",
                note="2 of 3 confirmed by a later read",
            ),
        ),
        tables=(
            Table(
                caption="Requests that became active",
                columns=("Request", "Person", "Org", "Length", "Approved by", "Rotation"),
                rows=rows,
            ),
        ),
    )


def model_calls() -> Section:
    rows = tuple(
        (f"2026-{month:02d}-{day:02d}", f"{1210 + day * 37:,}", f"{day % 4}", "EU core")
        for month in (9, 10)
        for day in range(1, 29)
    )
    return Section(
        heading="Calls to language models",
        summary=(
            "Every call that left the gateway went to an endpoint inside the zone its data class "
            "allows. Calls that would have left the zone were refused and are counted below."
        ),
        result="good",
        checked=(
            Checked(
                what="Destination inside the allowed zone",
                by="Gateway, each call",
                result="good",
                note="94,120 of 94,120 calls",
            ),
        ),
        tables=(
            Table(
                caption="Calls and refusals by day",
                columns=("Day (UTC)", "Calls", "Refused", "Zone"),
                rows=rows,
            ),
        ),
    )


def unread_org() -> Section:
    return Section(
        heading="Connected apps",
        summary=(
            "The scopes of 41 connected apps were compared with what was approved. One org could "
            "not be read in this period, so nothing can be said about its 7 apps."
        ),
        result="danger",
        exceptions=(
            Finding(
                what="acme-hr: scopes could not be read since 3 October",
                result="unknown",
                detail="The integration user is locked out (login from an address not allowed).",
            ),
            Finding(
                what="Contract Copilot holds the scope full, which nobody approved",
                result="danger",
                detail="Granted on 12 October by an administrator of acme-prod; not removed yet.",
            ),
        ),
    )


def content(**changes: object) -> PackContent:
    values: dict[str, object] = {
        "title": "Access to customer data by people and models",
        "purpose": "Quarterly control evidence for the external auditor (ISO/IEC 27001, A.5.15)",
        "tenant_name": "Acme Legal Services GmbH",
        "period": Period(first=date(2026, 9, 1), last=date(2026, 11, 20)),
        "generated_at": NOW,
        "sections": (emergency_access(), unread_org(), model_calls()),
        "controls": ("BG-1", "BG-4", "DR-2", "GW-7", "SC-3"),
        "not_included": (
            NotIncluded(
                what="Setup audit trail of acme-hr, 3 October to 20 November",
                why="The org refused the login; asked again every hour without success.",
            ),
        ),
    }
    return PackContent(**(values | changes))  # type: ignore[arg-type]


def policy_annex() -> Annex:
    return Annex(
        name="policy.json",
        mime="application/json",
        data=b'{"version":12}',
        description="The flow policy in force at the end of the period",
    )
