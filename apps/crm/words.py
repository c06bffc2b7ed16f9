"""How orgs and snapshots stand, in words and tones for pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.crm.models import Connection, OrgToken, Snapshot

WAIT_FOR_WORKER = timedelta(minutes=2)  # after which a page stops asking for news
_CONNECTION_TONES = {
    Connection.State.CONNECTING: "neutral",
    Connection.State.HEALTHY: "good",
    Connection.State.FAILING: "danger",
    Connection.State.DISCONNECTED: "unknown",
}
_SNAPSHOT_TONES = {
    Snapshot.State.QUEUED: "neutral",
    Snapshot.State.RUNNING: "neutral",
    Snapshot.State.COMPLETE: "good",
    Snapshot.State.INCOMPLETE: "attention",
    Snapshot.State.FAILED: "danger",
}
_SOURCES: dict[str, tuple[str, str]] = {
    "complete": ("good", "Complete"),
    "incomplete": ("attention", "Incomplete"),
    "failed": ("danger", "Not read"),
    "reading": ("neutral", "Reading"),
    "waiting": ("neutral", "Waiting"),
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A tone and a word for the component `status`."""

    tone: str
    words: str


def sign_of_connection(connection: Connection) -> Sign:
    """How an org stands, in one or two words."""
    state = Connection.State(connection.state)
    return Sign(_CONNECTION_TONES[state], str(state.label))


def sign_of_snapshot(snapshot: Snapshot) -> Sign:
    """How a snapshot stands, in one or two words."""
    state = Snapshot.State(snapshot.state)
    return Sign(_SNAPSHOT_TONES[state], str(state.label))


def sentence_of_connections(connections: list[Connection]) -> str:
    """The list of orgs in one sentence, what fails first."""
    current = [each for each in connections if each.state != Connection.State.DISCONNECTED]
    if not current:
        return "No org is connected."
    healthy = [each for each in current if each.state == Connection.State.HEALTHY]
    failing = [each for each in current if each.state == Connection.State.FAILING]
    noun = "org is" if len(current) == 1 else "orgs are"
    sentence = f"{len(healthy)} of {len(current)} {noun} healthy."
    if failing:
        sentence += f" {failing[0].name} fails: {failing[0].last_error}"
    return sentence


def waits_for_check(connection: Connection, *, now: datetime) -> bool:
    """Whether a page should go on asking for the outcome of a check."""
    asked = connection.check_asked_at
    return connection.is_being_checked and asked is not None and now - asked < WAIT_FOR_WORKER


def lines_of_sources(snapshot: Snapshot) -> list[dict[str, Any]]:
    """A snapshot's sources with a tone and a word for each."""
    return [
        {**each, "tone": _SOURCES[each["state"]][0], "words": _SOURCES[each["state"]][1]}
        for each in snapshot.sources
    ]


def sources_done(snapshot: Snapshot) -> int:
    """How many sources are through, well or not."""
    ended = {"complete", "incomplete", "failed"}
    return sum(each["state"] in ended for each in snapshot.sources)


def detail_of_progress(snapshot: Snapshot) -> str:
    """What is being read now and how many rows there are so far."""
    rows = sum(each["read"] for each in snapshot.sources)
    now = [each["label"].lower() for each in snapshot.sources if each["state"] == "reading"]
    if snapshot.state == Snapshot.State.QUEUED:
        return "Waiting for a worker."
    return f"Reading {now[0]}; {rows:,} rows so far." if now else f"{rows:,} rows so far."


def words_of_usage(connection: Connection) -> str:
    """API requests of the last 24 hours as the org said last."""
    if connection.api_used is None or connection.api_allowed is None:
        return "unknown"
    return f"{connection.api_used:,} of {connection.api_allowed:,}"


def sentence_of_token(token: OrgToken | None) -> str:
    """What the last refused renewal means; empty when the last one worked."""
    if token is None or token.refused_at is None:
        return ""
    kept = "The earlier token is still used until it ends." if token.access_token else ""
    return f"{token.refused_words} {kept}".strip()


REFRESH = {
    "Infinite": "valid until revoked",
    "Zero": "expire at once",
    "SpecificLifetime": "valid for {period}",
    "SpecificInactivity": "valid until unused for {period}",
}
IP = {"Enforce": "enforced", "Bypass": "relaxed", "EnforceActivatedBypass": "relaxed after a code"}


def words_of_refresh(policy: str) -> str:
    """How long an app's refresh tokens live, of the org's code (`SpecificLifetime: 30 days`)."""
    kind, _, period = policy.partition(": ")
    return REFRESH.get(kind, policy).format(period=period or "a time it does not tell")


def words_of_ip(relaxation: str) -> str:
    """Whether an app holds its users to the org's IP ranges, of the org's code."""
    return IP.get(relaxation, relaxation)


BESIDE = {
    "client_ranges": "Address ranges of external client apps",
    "login_ranges": "Login ranges of profiles",
    "trusted_ranges": "Trusted ranges of the org",
    "used_apps": "The org's list of apps in use",
    "objects_given": "Objects that permission sets give",
    "fields_given": "Fields that permission sets give",
    "fields": "Classification and encryption of fields",
}


def lines_beside(snapshot: Snapshot) -> list[tuple[str, str]]:
    """What the org did not tell beside the sources, with its reason; that is unknown."""
    refused = snapshot.beside.get("refused", {})
    told = [(words, str(refused[name])) for name, words in BESIDE.items() if name in refused]
    unread = snapshot.beside.get("fields_unread", {})
    return told + [(f"Fields of {name}", str(why)) for name, why in sorted(unread.items())]
