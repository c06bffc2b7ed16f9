"""How an org's event logs stand, in words."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.crm.eventlogs.coverage import Window, gaps_of
from apps.crm.models import LogWatch

_TONES = {
    LogWatch.State.NEVER: "unknown",
    LogWatch.State.TAKING: "neutral",
    LogWatch.State.CURRENT: "good",
    LogWatch.State.REFUSED: "unknown",
    LogWatch.State.FAILED: "attention",
}


def sign_of(watch: LogWatch | None) -> dict[str, str]:
    """Tone and words of the state."""
    state = LogWatch.State(watch.state) if watch else LogWatch.State.NEVER
    return {"tone": _TONES[state], "words": str(state.label)}


def sentence_of(
    watch: LogWatch | None, observed: Sequence[Window], *, since: datetime, until: datetime
) -> str:
    """What of the period was seen, and what was not."""
    if not observed and (watch is None or watch.state == LogWatch.State.NEVER):
        return "No event logs of this org were taken yet, so what it saw is unknown."
    if watch is not None and watch.state == LogWatch.State.REFUSED and not observed:
        return watch.error
    missing = sum(
        (end - start).total_seconds() for start, end in gaps_of(observed, since=since, until=until)
    )
    whole = (until - since).total_seconds()
    if not observed:
        return "No log file that was taken covers this period: what happened in it is unknown."
    seen = f"{(whole - missing) / 3600:,.0f} of {whole / 3600:,.0f} hours are in log files"
    if missing < 60:
        return f"{seen}: the whole period was seen."
    return (
        f"{seen}; the rest is unknown. Hourly files come three to six hours late, daily ones a day."
    )


def kept_since_words(since: datetime, *, days: int, now: datetime) -> str:
    """Says that a period reaches back further than logs are kept; "" when it does not."""
    kept = now - timedelta(days=days)
    if since >= kept:
        return ""
    return f"Event logs are kept for {days} days: what was before {kept:%Y-%m-%d} is removed."
