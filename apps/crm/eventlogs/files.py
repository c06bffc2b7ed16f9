"""The files that were taken, as they are kept."""

from django.db.models import QuerySet

from apps.crm.models import Connection, LogFile


def list_files(connection: Connection, *, replaced: bool = True) -> QuerySet[LogFile]:
    """Deliveries of an org, the latest time first; all, or without those that were replaced."""
    files = LogFile.objects.filter(connection=connection).order_by("-starts_at", "-id")
    return files if replaced else files.filter(superseded_at=None)


def sign_of(file: LogFile) -> dict[str, str]:
    """Tone and words of how a file stands."""
    if file.dropped_at is not None:
        return {"tone": "neutral", "words": "Removed"}
    if file.altered_at is not None:
        return {"tone": "danger", "words": "Altered"}
    if file.superseded_at is not None:
        return {"tone": "neutral", "words": "Replaced"}
    if file.checked_at is not None:
        return {"tone": "good", "words": "As taken"}
    return {"tone": "neutral", "words": "Not checked yet"}
