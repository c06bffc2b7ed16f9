"""Which controls a pack of each purpose speaks for."""

from apps.evidence.catalogue.content import controls

_LEDGER = ("LED-1", "LED-2", "LED-6", "EVD-1", "EVD-3")
PURPOSES: dict[str, tuple[str, ...]] = {
    "break-glass": (
        "IDN-3", "BRK-1", "BRK-2", "BRK-3", "BRK-4", "BRK-5", "BRK-6", *_LEDGER,
    ),
    "access-review": ("SCP-1", "SCP-2", "REV-1", "REV-2", "REV-3", "REV-4", *_LEDGER),
    "incident": (
        "CRM-1", "CRM-7", "CRM-9", "SCP-4", "BRK-2", "BRK-5", "BRK-7", "REV-2", "LED-3", "LED-4",
        "INC-1", "INC-2", "INC-3", "INC-4", "INC-5", "LLM-10", "MON-2", "MON-3", *_LEDGER,
    ),
    "processing-record": (
        "RES-1", "RES-2", "RES-3", "LLM-1", "LLM-5", "SYN-1", "SYN-5", "LED-5", "OBL-4", *_LEDGER,
    ),
}  # fmt: skip


def for_purpose(purpose: str) -> tuple[str, ...]:
    """Ids of the controls a pack of this purpose speaks for, in the catalogue's order.

    A period pack, and any purpose not listed, speaks for the whole catalogue: what has no check
    is then said to be unknown.
    """
    wanted = PURPOSES.get(purpose)
    return tuple(key for key in controls() if wanted is None or key in wanted)
