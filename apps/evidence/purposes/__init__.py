"""What packs are made for: one file each. A new purpose is a file here and a line in `ALL`.

Its words (`purpose.<code>`, `purpose_short.<code>`) go into each language of `pack/words/`.
"""

from apps.evidence.purposes import access_review, break_glass, incident, period, processing_record
from apps.evidence.purposes.purpose import Purpose

__all__ = ["ALL", "Purpose", "purpose_of"]

ALL: tuple[Purpose, ...] = (
    period.PURPOSE,
    break_glass.PURPOSE,
    access_review.PURPOSE,
    incident.PURPOSE,
    processing_record.PURPOSE,
)


def purpose_of(code: str) -> Purpose | None:
    """The purpose of that code; None for one that packs do not have."""
    return next((purpose for purpose in ALL if purpose.code == code), None)
