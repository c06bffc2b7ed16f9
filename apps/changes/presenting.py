"""A proposal in the words that its pages and its API use."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.changes.flows import ELSEWHERE
from apps.changes.models import Proposal
from apps.changes.states import State
from apps.residency.jurisdictions import name_of
from apps.residency.models import Purpose
from apps.tenancy.selectors import list_members

GONE = "someone who is not a member any more"

TONES: dict[str, str] = {
    State.PROPOSED: "attention",
    State.APPROVED: "attention",
    State.APPLYING: "attention",
    State.APPLIED: "attention",
    State.VERIFIED: "good",
    State.ROLLED_BACK: "danger",
    State.REFUSED: "neutral",
    State.WITHDRAWN: "neutral",
}
# What becomes of a caller: tone, words, and what needs a look first.
BECOMES = {
    "blocked": ("danger", "Kept out from now on"),
    "let_in": ("attention", "Let in from now on"),
    "outside": ("neutral", "Kept out, as before"),
    "kept": ("good", "Let in, as before"),
}
WATCHED = {
    "blocked": ("danger", "Outside from now on"),
    "let_in": ("attention", "Inside from now on"),
    "outside": ("neutral", "Outside, as before"),
    "kept": ("good", "Inside, as before"),
}
ORG_DECIDES = "Nobody is kept out of the org by this: its administrator sets that in Salesforce."
# What becomes of an org.
CALLED = {
    "blocked": ("danger", "Not called from now on"),
    "let_in": ("attention", "Called from now on"),
    "outside": ("neutral", "Not called, as before"),
    "kept": ("good", "Called, as before"),
}
# What becomes of a flow of data.
LOTS = {
    "opened": ("attention", "May go from now on"),
    "altered": ("neutral", "Goes otherwise"),
    "closed": ("danger", "Stops"),
}
PURPOSES: dict[str, str] = dict(Purpose.choices)
MOST_NAMED = 4  # countries in one cell


def names_by_id() -> dict[UUID, str]:
    """What the tenant's people are called; who left is absent."""
    return {member.user.pk: member.user.name for member in list_members()}


def shown_state(proposal: Proposal) -> tuple[str, str]:
    """Tone and words."""
    return TONES[proposal.state], State(proposal.state).label


def callers_in_words(preflight: dict[str, Any]) -> list[dict[str, Any]]:
    """The known callers, those whose lot changes first."""
    order, lots = list(BECOMES), WATCHED if "watched" in preflight else BECOMES
    found = preflight["callers"]
    rows = sorted(found, key=lambda row: (order.index(row["becomes"]), -row["calls"]))
    return [
        {
            **row,
            "tone": lots[row["becomes"]][0],
            "words": lots[row["becomes"]][1],
            "last_seen_at": datetime.fromisoformat(row["last_seen_at"]),
        }
        for row in rows
    ]


def verdict(preflight: dict[str, Any]) -> tuple[str, str, str]:
    """Tone, sentence and detail of what a change would do to known callers."""
    if preflight["about"] == "nothing":
        return "neutral", preflight["why"], ""
    if preflight["about"] == "flows":
        return _verdict_on_flows(preflight)
    if preflight["about"] == "orgs":
        return _verdict_on_orgs(preflight)
    noted = datetime.fromisoformat(preflight["since"])
    since = f"Callers are known since {noted:%Y-%m-%d %H:%M} UTC, for 30 days at most."
    since = preflight.get("sources", since)
    watched = "watched" in preflight
    if watched:
        since = f"{since} {ORG_DECIDES}"
    if preflight["known"] == "none":
        what = "leave outside" if watched else "keep out"
        return "unknown", f"Unknown whom this would {what}: no caller is known yet.", since
    blocked = sum(row["becomes"] == "blocked" for row in preflight["callers"])
    let_in = sum(row["becomes"] == "let_in" for row in preflight["callers"])
    part = " There are callers that are not known." if preflight["known"] == "part" else ""
    if blocked:
        does = "leaves outside" if watched else "keeps out"
        words = f"This {does} {_count(blocked)} that called lately.{part}"
        return "danger", words, since
    if let_in:
        was = "was" if let_in == 1 else "were"
        does, before = ("takes in", "outside") if watched else ("lets in", "kept out")
        words = f"This {does} {_count(let_in)} that {was} {before} so far.{part}"
        return "attention", words, since
    tone = "unknown" if part else "good"
    return tone, f"Nothing changes for the callers that are known.{part}", since


def orgs_in_words(preflight: dict[str, Any]) -> list[dict[str, Any]]:
    """Each org of the zone, those whose lot changes first."""
    order = list(CALLED)
    rows = sorted(preflight.get("orgs", []), key=lambda row: order.index(row["becomes"]))
    return [
        {**row, "tone": CALLED[row["becomes"]][0], "words": CALLED[row["becomes"]][1]}
        for row in rows
    ]


def _verdict_on_orgs(preflight: dict[str, Any]) -> tuple[str, str, str]:
    rows = preflight["orgs"]
    lots = [row["becomes"] for row in rows]
    blocked, let_in = lots.count("blocked"), lots.count("let_in")
    detail = "Judged by how each org is recorded and what its host resolved to at the last check."
    if not rows:
        return "neutral", "No org is connected in this zone, so nothing stops.", ""
    if blocked:
        part = f"{_orgs(blocked)} of {len(rows)}" if blocked < len(rows) else "every org"
        return "danger", f"The console stops calling {part} of this zone.", detail
    if let_in:
        return "attention", f"The console calls {_orgs(let_in)} again.", detail
    return "good", "Every org of this zone is called as before.", detail


def _orgs(number: int) -> str:
    return "1 org" if number == 1 else f"{number} orgs"


def flows_in_words(preflight: dict[str, Any]) -> list[dict[str, Any]]:
    """Each flow that is decided otherwise, those that are opened first."""
    return [
        {
            **row,
            "tone": LOTS[row["becomes"]][0],
            "words": LOTS[row["becomes"]][1],
            "purpose_words": PURPOSES.get(row["purpose"], row["purpose"]),
            "people_words": _listed([_place(code) for code in row["people"]]),
        }
        for row in preflight.get("flows", [])
    ]


def _verdict_on_flows(preflight: dict[str, Any]) -> tuple[str, str, str]:
    rows = preflight["flows"]
    opened = sum(row["becomes"] == "opened" for row in rows)
    closed = sum(row["becomes"] == "closed" for row in rows)
    detail = "Asked for every purpose, zone, class and country that the policies name."
    if preflight["known"] == "part":
        detail = f"{preflight['flow_count']} flows in all; those that are opened come first."
    if opened:
        more = f"; {closed} that may go now would stop" if closed else ""
        words = f"{_flows(opened)} may go from then on, stopped so far{more}."
        return "attention", words, detail
    if closed:
        return "attention", f"{_flows(closed)} would stop that may go now.", detail
    if rows:
        return "attention", f"{_flows(len(rows))} would be masked otherwise.", detail
    return "good", "Every flow is decided as before.", detail


def _place(code: str) -> str:
    return "any other country" if code == ELSEWHERE else name_of(code)


def _flows(number: int) -> str:
    return "1 kind of flow" if number == 1 else f"{number} kinds of flow"


def _listed(names: list[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
    return ", ".join(names)


def _count(number: int) -> str:
    return "1 address" if number == 1 else f"{number} addresses"
