"""What apps did in an org, as its event logs tell."""

from dataclasses import dataclass
from datetime import datetime

from apps.crm.models import Connection

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUse:
    """What one app did. `app_id` is the id's first 15 characters, as logs carry it."""

    app_id: str
    app_name: str
    objects: tuple[str, ...]
    verbs: tuple[str, ...]
    calls: int
    rows: int | None
    """Records read or written; None when the org's logs do not tell (RestApi is a paid type)."""
    addresses: tuple[str, ...]
    users: tuple[str, ...]
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What all apps did in a window, and how much of it was seen.

    `observed` are the stretches that log files cover; nothing is known of the rest.
    `attributed_share` (0 to 1) is the part of the observed calls that name an app; None without
    calls. An app that is absent is *unused* only if `is_complete`, else unknown.
    """

    since: datetime
    until: datetime
    observed: tuple[Window, ...]
    apps: tuple[AppUse, ...]
    attributed_share: float | None
    words: str
    """Why it is not complete, for people; empty when it is."""

    @property
    def is_complete(self) -> bool:
        """Whether the whole window was seen and every call names its app."""
        return not self.words and self.attributed_share in (None, 1.0)

    def of(self, app_id: str) -> AppUse | None:
        """The use of one app by its id of 15 or 18 characters; None when it was not seen."""
        return next((each for each in self.apps if each.app_id == app_id[:15]), None)


def used_by_app(connection: Connection, *, since: datetime, until: datetime) -> Usage:
    """What each app did in an org between two times, with what was observed of them."""
    return Usage(
        since=since,
        until=until,
        observed=(),
        apps=(),
        attributed_share=None,
        words=f"No event logs of {connection.name} were taken yet.",
    )
