"""The signed manifest, and every attached file against it."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from apps.evidence.pack import canonical, manifest

from .attachments import Attached
from .report import Exit, Problem

_HEX = re.compile(r"^[0-9a-f]{64}$")
_WHERE = manifest.MANIFEST_NAME


@dataclass(frozen=True)
class Manifest:
    """The statement as far as the later steps need it."""

    digests: Mapping[str, str]
    predicate: Mapping[str, Any]


def check_manifest(attached: Attached) -> tuple[str, Manifest]:
    """Check the envelope's signature and the form of the statement inside it."""
    envelope = _object(_file(attached, manifest.MANIFEST_NAME), "the envelope")
    key_pem = _file(attached, manifest.MANIFEST_KEY_NAME)
    payload = _verified_payload(envelope, key_pem)
    statement = _object(payload, "the statement")
    if (statement["_type"], statement["predicateType"]) != (
        manifest.STATEMENT_TYPE,
        manifest.PREDICATE_TYPE,
    ):
        raise Problem(Exit.MANIFEST, "the statement is not that of an evidence pack", _WHERE)
    digests = {str(one["name"]): str(one["digest"]["sha256"]) for one in statement["subject"]}
    if len(digests) != len(statement["subject"]) or not all(map(_HEX.match, digests.values())):
        raise Problem(Exit.MANIFEST, "the list of files is malformed", _WHERE)
    said = f"signature valid (key {sha256(key_pem).hexdigest()[:16]}…), {len(digests)} files listed"
    return said, Manifest(digests, statement["predicate"])


def _verified_payload(envelope: dict[str, Any], key_pem: bytes) -> bytes:
    payload = base64.b64decode(envelope["payload"], validate=True)
    (signature,) = envelope["signatures"]
    if signature["keyid"] != sha256(key_pem).hexdigest():
        raise Problem(Exit.MANIFEST, "signed with another key than the one attached", _WHERE)
    key = load_pem_public_key(key_pem)
    if not isinstance(key, Ed25519PublicKey) or envelope["payloadType"] != manifest.PAYLOAD_TYPE:
        raise Problem(Exit.MANIFEST, "the envelope is not of the agreed kind", _WHERE)
    signed = manifest.pre_authentication(manifest.PAYLOAD_TYPE, payload)
    try:
        key.verify(base64.b64decode(signature["sig"], validate=True), signed)
    except InvalidSignature as error:
        raise Problem(Exit.MANIFEST, "the manifest's signature does not match", _WHERE) from error
    return payload


def _file(attached: Attached, name: str) -> bytes:
    if name not in attached.files:
        raise Problem(Exit.MANIFEST, "is missing or cannot be unpacked", name)
    return attached.files[name]


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        return canonical.load_object(raw)
    except canonical.NotCanonical as error:
        raise Problem(Exit.MANIFEST, f"{what} is {error}", _WHERE) from error


def check_files(attached: Attached, listed: Manifest) -> tuple[str, bool]:
    """Check that exactly the listed files are attached and that each has its digest."""
    expected = {*listed.digests, manifest.MANIFEST_NAME}
    present = set(attached.places)
    for name in sorted(expected - present):
        raise Problem(Exit.ANNEX, "this file is listed but not attached", name)
    for name in sorted(present - expected):
        raise Problem(Exit.ANNEX, "this file is attached but not listed", attached.places[name])
    wrong = [name for name in sorted(listed.digests) if not _agrees(attached, listed, name)]
    if wrong:
        where = "; ".join(_place(attached, name) for name in wrong)
        raise Problem(Exit.ANNEX, "the content differs from the manifest", where)
    return f"all {len(listed.digests)} files have the SHA-256 the manifest states", True


def _place(attached: Attached, name: str) -> str:
    broken = attached.broken.get(name)
    return f"{attached.places[name]} ({broken})" if broken else attached.places[name]


def _agrees(attached: Attached, listed: Manifest, name: str) -> bool:
    data = attached.files.get(name)
    return data is not None and sha256(data).hexdigest() == listed.digests[name]


def check_statement(attached: Attached, listed: Manifest, root: str) -> tuple[str, bool]:
    """Check that manifest, summary and seal speak of the same pack."""
    summary = _object(_file(attached, manifest.SUMMARY_NAME), "summary.json")
    same = {
        "title": "title",
        "tenant": "tenant_name",
        "purpose": "purpose",
        "period": "period",
        "generatedAt": "generated_at",
        "controls": "controls",
        "result": "result",
    }
    for ours, theirs in same.items():
        if listed.predicate[ours] != summary[theirs]:
            raise Problem(Exit.MANIFEST, f"manifest and summary differ in {ours}", _WHERE)
    if listed.predicate["sealRootSha256"] != root:
        raise Problem(Exit.MANIFEST, "the manifest names another root than the seal's", _WHERE)
    period = summary["period"]
    said = f"{summary['tenant_name']!r}, {period['first']} to {period['last']}"
    return f"manifest, summary and seal speak of the same pack: {said}", True
