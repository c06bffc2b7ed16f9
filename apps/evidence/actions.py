"""What evidence records."""

from apps.ledger.registry import register

register(
    {
        "evidence.pack.requested": "Asked for an evidence pack",
        "evidence.pack.sealed": "Sealed an evidence pack",
        "evidence.pack.failed": "Could not make an evidence pack",
        "evidence.pack.downloaded": "Downloaded an evidence pack",
    }
)
