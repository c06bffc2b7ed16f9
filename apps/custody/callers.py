"""Noting from where API tokens are used, and telling it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Min
from django.utils.crypto import salted_hmac

from apps.custody.models import IssuedToken, TokenCaller

WINDOW = timedelta(days=30)
MOST_ROWS = 2_000  # a token with more addresses and days than this is told of in part


@dataclass(frozen=True, slots=True)
class Caller:
    """One address in the window: calls let in, calls kept out, and the last of either."""

    address: str
    calls: int
    refused: int
    last_seen_at: datetime


def note_caller(token: IssuedToken, *, address: str, admitted: bool, now: datetime) -> None:
    """Count one call. The address is sealed once a day; every other call is one update."""
    mac = salted_hmac("custody.callers", address, algorithm="sha256").hexdigest()
    column = "calls" if admitted else "refused"
    day = now.astimezone(UTC).date()
    rows = TokenCaller.objects.filter(token=token, address_mac=mac, day=day)
    counted = {column: F(column) + 1, "last_seen_at": now}
    if rows.update(**counted):
        return
    try:
        with transaction.atomic():
            TokenCaller.objects.create(
                token=token,
                address=address,
                address_mac=mac,
                day=day,
                last_seen_at=now,
                **{column: 1},
            )
    except IntegrityError:  # another call from there was counted first
        rows.update(**counted)


def noting_began(*, now: datetime) -> datetime:
    """Since when calls in this tenant are noted for certain; `now` while none was."""
    first: datetime | None = TokenCaller.objects.aggregate(first=Min("last_seen_at"))["first"]
    return first or now


def callers_of(token: IssuedToken, *, now: datetime) -> tuple[list[Caller], bool]:
    """Every address of the last 30 days, busiest first, and whether that is all of them."""
    rows = TokenCaller.objects.filter(token=token, day__gte=(now - WINDOW).astimezone(UTC).date())
    newest = list(rows.order_by("-last_seen_at")[: MOST_ROWS + 1])
    found: dict[str, Caller] = {}
    for row in newest[:MOST_ROWS]:
        before = found.get(row.address_mac)
        found[row.address_mac] = Caller(
            before.address if before else str(row.address),
            row.calls + (before.calls if before else 0),
            row.refused + (before.refused if before else 0),
            before.last_seen_at if before else row.last_seen_at,
        )
    busiest = sorted(found.values(), key=lambda each: (-each.calls, -each.refused, each.address))
    return busiest, len(newest) <= MOST_ROWS
