"""The files a pack carries, in the order they are attached; the signed manifest comes last."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from . import canonical, manifest
from .content import Annex, PackContent, unique_names
from .errors import ContentRefused
from .events import EventLists
from .language import Language, language
from .oscal import OSCAL_NAME, oscal_bytes

_OWN_NAMES = frozenset(
    {
        manifest.SUMMARY_NAME,
        manifest.EVENTS_NAME,
        manifest.EVENTS_CSV_NAME,
        manifest.MANIFEST_NAME,
        manifest.MANIFEST_KEY_NAME,
        OSCAL_NAME,
    }
)


def assemble(
    content: PackContent,
    *,
    extra: Iterable[Annex],
    events: EventLists,
    signer: manifest.PackSigner,
    seal_root: str,
) -> tuple[Annex, ...]:
    """Return every file of the pack, the signed manifest over all the others at the end.

    ``extra`` may bring ``checkpoint.txt`` and ``proof-….txt`` of the ledger; they are listed in the
    manifest like everything else. ``seal_root`` is the fingerprint printed in the document.
    """
    given = tuple(extra)
    unique_names(given)
    for annex in given:
        if annex.name in _OWN_NAMES:
            raise ContentRefused(f"annex {annex.name}", "the pack writes this file itself")
    files = (*_own_files(content, events=events, signer=signer), *given)
    listed = (*files, _oscal_annex(content, files))
    payload = manifest.statement(
        listed, events=events.count, root=events.root, about=_about(content, seal_root)
    )
    signed = manifest.envelope(payload, signer=signer)
    return (*listed, _manifest_annex(signed, language(content.language)))


def summary_bytes(content: PackContent) -> bytes:
    """Return the data behind the printed pages as canonical JSON; of a logo only its SHA-256."""
    logo = sha256(content.logo).hexdigest() if content.logo else ""
    told = asdict(content) | {"result": content.result, "logo": logo}
    return canonical.dumps(_plain(told))


def _own_files(
    content: PackContent, *, events: EventLists, signer: manifest.PackSigner
) -> tuple[Annex, ...]:
    say = language(content.language)
    return (
        Annex(
            name=manifest.EVENTS_NAME,
            mime="application/jsonl",
            data=events.jsonl,
            description=say("annex.events", count=events.count),
            relationship="Data",
        ),
        Annex(
            name=manifest.EVENTS_CSV_NAME,
            mime="text/csv",
            data=events.csv,
            description=say("annex.csv"),
            relationship="Alternative",
        ),
        Annex(
            name=manifest.SUMMARY_NAME,
            mime="application/json",
            data=summary_bytes(content),
            description=say("annex.summary"),
            relationship="Source",
        ),
        Annex(
            name=manifest.MANIFEST_KEY_NAME,
            mime="application/x-pem-file",
            data=signer.public_key_pem,
            description=say("annex.key"),
        ),
    )


def _oscal_annex(content: PackContent, files: tuple[Annex, ...]) -> Annex:
    return Annex(
        name=OSCAL_NAME,
        mime="application/json",
        data=oscal_bytes(content, files),
        description=language(content.language)("annex.oscal"),
    )


def _manifest_annex(data: bytes, say: Language) -> Annex:
    return Annex(
        name=manifest.MANIFEST_NAME,
        mime="application/vnd.in-toto+json",
        data=data,
        description=say("annex.manifest"),
    )


def _about(content: PackContent, seal_root: str) -> dict[str, Any]:
    return {
        "title": content.title,
        "tenant": content.tenant_name,
        "purpose": content.purpose,
        "period": _plain(asdict(content.period)),
        "generatedAt": _plain(content.generated_at),
        "controls": list(content.controls),
        "result": content.result,
        "sealRootSha256": seal_root,
    }


def _plain(value: Any) -> Any:
    """Dates become ISO text in UTC, tuples become lists; everything else passes."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
