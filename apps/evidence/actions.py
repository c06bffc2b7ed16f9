"""What evidence records."""

from apps.ledger.registry import register

register(
    {
        "evidence.pack.requested": "Asked for an evidence pack",
        "evidence.pack.sealed": "Sealed an evidence pack",
        "evidence.pack.failed": "Could not make an evidence pack",
        "evidence.look.changed": "Changed how evidence packs look",
        "evidence.pack.downloaded": "Downloaded an evidence pack",
        "evidence.download.granted": "Was given a link to an evidence pack",
        "evidence.download.revoked": "Withdrew a link to an evidence pack",
        "evidence.reader.limited": "Limited somebody to named evidence packs",
        "evidence.reader.unlimited": "Let somebody see every evidence pack",
        "evidence.checks.requested": "Asked for the controls to be checked",
        "evidence.controls.first_judged": "Ran checks of controls for the first time",
        "evidence.control.changed": "Found that a control stands differently",
    },
    area="Evidence packs",
    things={
        "evidence.pack": "evidence pack",
        "evidence.manifestkey": "pack signing key",
        "evidence.downloadgrant": "download link",
        "evidence.branding": "look of the packs",
        "evidence.checkrun": "run of checks",
        "evidence.checkresult": "result of a check",
    },
    named={
        "evidence.pack": "title",
        "evidence.checkresult": "control",
        "evidence.downloadgrant": "pack__title",
    },
)
