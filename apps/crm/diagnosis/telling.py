"""A lockout as a page tells it: cause, evidence, steps, and when to ask again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.crm.diagnosis.causes import Cause, cause_named
from apps.crm.diagnosis.models import Trouble
from apps.crm.diagnosis.runbooks import Step, steps_for
from apps.crm.models import Connection

_TELLS = {
    "expired": "expired access/refresh token",
    "not_approved": "user hasn't approved this consumer",
    "not_installed": "app must be installed",
    "audience": "audience validation failed",
    "no_run_as_user": "no client credentials user enabled",
    "address": "words on an IP restriction",
    "second_factor": "words on a second factor",
    "single_sign_on": "words on single sign-on",
    "assertion": "words on the signed assertion",
    "failure": "authentication failure",
    "user_inactive": "words on an inactive user",
    "org_inactive": "words on an inactive org",
    "maintenance": "a page about maintenance",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One cause, ready for a page."""

    row: Trouble
    cause: Cause
    title: str
    evidence: list[tuple[str, str]]
    steps: list[Step]


def tell(row: Trouble, org: Connection) -> Told:
    """Everything a page shows of one cause."""
    cause = cause_named(row.cause)
    title = cause.title if row.certain else f"Probably: {_lower(cause.title)}"
    return Told(row, cause, title, _evidence(row.evidence), steps_for(row.cause, org))


def sentence_of(open_rows: list[Trouble], org: Connection, *, now: datetime) -> str:
    """How things stand, in one sentence."""
    if org.state == Connection.State.DISCONNECTED:
        return "Disconnected. Nothing is asked of this org any more."
    if not open_rows:
        if org.state == Connection.State.FAILING:
            return "The console cannot use this org, and no answer has told why yet. Check again."
        return "Nothing keeps the console out of this org."
    cause = cause_named(open_rows[0].cause)
    if cause.passes:
        return f"{cause.title}. It passes by itself."
    probably = "" if open_rows[0].certain else "probably "
    more = f" {len(open_rows) - 1} more below." if len(open_rows) > 1 else ""
    return f"The console cannot use this org: {probably}{_lower(cause.title)}.{more}"


def _evidence(kept: dict[str, Any]) -> list[tuple[str, str]]:
    page = str(kept.get("page", ""))
    lines = [
        (
            "Answer to",
            {"sign-in": "the sign-in", "API": "an API request"}.get(kept.get("at", ""), ""),
        ),
        ("HTTP status", str(kept.get("http_status", ""))),
        ("Code in the answer", str(kept.get("error_code", ""))),
        ("Told", _TELLS.get(str(kept.get("told", "") or page), "")),
        (
            "Timing",
            "The org refused a token before its time was over." if kept.get("early") else "",
        ),
        ("Kind of error", str(kept.get("kind", ""))),
    ]
    return [(name, words) for name, words in lines if words]


def _lower(title: str) -> str:
    """A title inside a sentence; words that are names keep their capital."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]
