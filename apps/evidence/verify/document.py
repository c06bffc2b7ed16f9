"""Opens the PDF and looks at the raw bytes that no digest covers: the gap of the signature."""

from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

from asn1crypto import crl, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from .report import Exit, Problem

MAX_FILE_BYTES = 2 << 30


@dataclass
class Document:
    """An opened pack: raw bytes, parsed objects, the one signature."""

    data: bytes
    reader: PdfFileReader

    @cached_property
    def signature(self) -> EmbeddedPdfSignature:
        """The one signature; none or several is a ``Problem``."""
        found: list[EmbeddedPdfSignature] = list(self.reader.embedded_signatures)
        if len(found) != 1:
            said = f"the file holds {len(found)} signatures; a pack holds exactly one"
            raise Problem(Exit.SIGNATURE, said)
        return found[0]

    @cached_property
    def certificates(self) -> list[x509.Certificate]:
        """The certificates carried under the seal."""
        return list(self._store.load_certs())

    @cached_property
    def crls(self) -> list[crl.CertificateList]:
        """The revocation lists carried under the seal."""
        return [
            crl.CertificateList.load(ref.get_object().data, strict=True)
            for ref in self.reader.root["/DSS"].get("/CRLs", ())
        ]

    @property
    def _store(self) -> DocumentSecurityStore:
        return DocumentSecurityStore.read_dss(self.reader)


def open_document(data: bytes) -> tuple[str, Document]:
    """Return the opened document; it must be a PDF whose structure can be read."""
    if not data.startswith(b"%PDF-"):
        raise Problem(Exit.UNREADABLE, "this is not a PDF file", "bytes 0 to 4")
    if len(data) > MAX_FILE_BYTES:
        raise Problem(Exit.UNREADABLE, "the file is larger than 2 GiB")
    reader = PdfFileReader(BytesIO(data))
    if reader.encrypted:
        raise Problem(Exit.UNREADABLE, "the file is encrypted; a pack never is")
    pages = int(reader.root["/Pages"]["/Count"])
    return f"a PDF of {len(data):,} bytes and {pages} pages", Document(data, reader)


def signature_container(document: Document) -> bytes:
    """Return the CMS from the gap after making sure that the gap holds nothing else.

    The digest covers every byte of the file outside the gap; inside it the bytes must be exactly
    ``<``, the CMS in hexadecimal of one case, zeros, ``>``. So no byte is left unaccounted for.
    """
    first, gap_from, gap_to, rest = _byte_range(document)
    size = len(document.data)
    if first != 0 or not 0 < gap_from < gap_to <= size:
        raise Problem(Exit.SIGNATURE, "the signed ranges do not start with the file")
    if gap_to + rest < size:
        said = f"{size - gap_to - rest:,} bytes were added after the signature"
        raise Problem(Exit.SIGNATURE, said, f"bytes {gap_to + rest:,} to {size - 1:,}")
    if gap_to + rest > size:
        raise Problem(Exit.SIGNATURE, "the end of the file is missing", f"after byte {size:,}")
    return _unwrap_gap(document.data[gap_from:gap_to], at=gap_from)


def _byte_range(document: Document) -> tuple[int, int, int, int]:
    values = [int(value) for value in document.signature.byte_range]
    if len(values) != 4 or min(values) < 0:
        raise Problem(Exit.SIGNATURE, "the list of signed ranges is malformed")
    return values[0], values[1], values[2], values[3]


def _unwrap_gap(gap: bytes, *, at: int) -> bytes:
    if gap[:1] != b"<" or gap[-1:] != b">":
        raise Problem(Exit.SIGNATURE, "the signature is not framed by < and >", f"byte {at:,}")
    try:
        content = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError as error:
        raise Problem(
            Exit.SIGNATURE, "the signature is not written in hexadecimal", f"from byte {at:,}"
        ) from error
    size = _der_size(content)
    written = gap[1:-1]
    exact = content[:size].hex().encode()
    padding = b"0" * (len(written) - len(exact))
    forms = (exact + padding, exact.upper() + padding)
    wrong = min(
        (
            [i for i, (x, y) in enumerate(zip(form, written, strict=True)) if x != y]
            for form in forms
        ),
        key=len,
    )
    if wrong:
        place = at + 1 + wrong[0]
        raise Problem(
            Exit.SIGNATURE, "the space around the signature was changed", f"byte {place:,}"
        )
    return content[:size]


def _der_size(content: bytes) -> int:
    """Return the length of the outermost DER value, header included (X.690, 8.1.3)."""
    if len(content) < 4 or content[0] != 0x30 or not 0x81 <= content[1] <= 0x84:
        raise Problem(Exit.SIGNATURE, "the signature does not start like one")
    header = 2 + content[1] - 0x80
    size = header + int.from_bytes(content[2:header])
    if size > len(content):
        raise Problem(Exit.SIGNATURE, "the signature is cut off")
    return size
