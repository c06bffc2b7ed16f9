"""Makes a sealed pack from content, ledger events and keys.

Example, with everything local::

    authority = LocalAuthority.open(directory, wrap=seal_key, unwrap=open_key, now=now)
    pdf = build_pack(
        content,
        annexes=(Annex(name="policy.json", mime="application/json", data=raw, description="…"),),
        events=bodies,                       # raw canonical JSON, in ledger order
        signer=KeyInMemory(ed25519_key),     # signs the manifest
        sealer=PadesSealer.local(authority, now=now),
    )

``python -m apps.evidence.verify pack.pdf --trust root.pem`` checks the result anywhere.
"""

from collections.abc import Iterable

from .annexes import assemble
from .content import Annex, PackContent
from .events import write_events
from .manifest import PackSigner
from .render import render
from .seal import Sealer


def build_unsigned(
    content: PackContent,
    *,
    annexes: Iterable[Annex],
    events: Iterable[bytes],
    signer: PackSigner,
    seal_root: str,
) -> bytes:
    """Return the PDF before the seal; the same input gives the same bytes.

    Raises ``ContentRefused`` naming what cannot be evidence, ``RendererMissing`` without pango.
    """
    lists = write_events(events)
    files = assemble(content, extra=annexes, events=lists, signer=signer, seal_root=seal_root)
    return render(
        content,
        files=files,
        events=lists.count,
        merkle_root=lists.root,
        seal_root=seal_root,
    )


def build_pack(
    content: PackContent,
    *,
    annexes: Iterable[Annex],
    events: Iterable[bytes],
    signer: PackSigner,
    sealer: Sealer,
) -> bytes:
    """Return the sealed, timestamped PDF (PAdES B-LT, one revision).

    Besides the errors of ``build_unsigned`` raises ``SealFailed`` when the seal or its timestamp
    cannot be made; nothing half-sealed is ever returned.
    """
    unsigned = build_unsigned(
        content,
        annexes=annexes,
        events=events,
        signer=signer,
        seal_root=sealer.root_fingerprint,
    )
    return sealer.seal(unsigned)
