"""The only importer of WeasyPrint. Importing it needs pango, so only ``render`` loads it.

Two habits of WeasyPrint 70 are mended before the bytes are written: it lists each attachment
twice in /AF, and it guesses media types and relationships instead of taking ours.
"""

import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pydyf  # type: ignore[import-untyped]
import weasyprint
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from .content import Annex
from .errors import PackError
from .view import LOGO_ADDRESS

_VARIANT = "pdf/a-3a"
ANNEX_LEVEL = 4
_clock = threading.Lock()


class _NoFetching(URLFetcher):  # type: ignore[misc]
    """Refuses every address but the logo's: a pack is drawn from its own data and local fonts."""

    def __init__(self, logo: bytes) -> None:
        super().__init__(fail_on_errors=True)
        self._logo = logo

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url == LOGO_ADDRESS and self._logo:
            return URLFetcherResponse(url, self._logo, {"Content-Type": "image/png"})
        raise FatalURLFetchingError(f"a pack may not load {url[:80]}")


def draw(
    html: str, css: str, *, files: tuple[Annex, ...], at: datetime, logo: bytes = b""
) -> bytes:
    """Return the tagged PDF/A-3a of ``html`` with ``files`` embedded; every date is ``at``."""
    fetcher = _NoFetching(logo)
    page = weasyprint.HTML(string=html, base_url=None, url_fetcher=fetcher)
    sheet = weasyprint.CSS(string=css, base_url=None, url_fetcher=fetcher)
    by_name = {file.name: file for file in files}
    moment = at.astimezone(UTC)
    out = BytesIO()
    with _fixed_clock(moment), _loud_fetching():
        document = page.render(stylesheets=[sheet], pdf_variant=_VARIANT)
        document.metadata.attachments = [_attachment(file, moment) for file in files]
        document.write_pdf(
            out, pdf_variant=_VARIANT, finisher=lambda _, pdf: _mend_files(pdf, by_name)
        )
    return out.getvalue()


@contextmanager
def _loud_fetching() -> Iterator[None]:
    """WeasyPrint's fatal error is no ``Exception``; callers get an ordinary one."""
    try:
        yield
    except FatalURLFetchingError as error:
        raise PackError(str(error)) from error


def _attachment(file: Annex, moment: datetime) -> weasyprint.Attachment:
    return weasyprint.Attachment(
        file_obj=BytesIO(file.data),
        name=file.name,
        description=file.description,
        created=moment,
        modified=moment,
        relationship=file.relationship,
    )


def _mend_files(pdf: pydyf.PDF, by_name: dict[str, Annex]) -> None:
    """Give each attachment its own media type and relationship, and list it once in /AF."""
    names = pdf.objects[int(pdf.catalog["Names"]["EmbeddedFiles"].split()[0])]
    references = names["Names"][1::2]
    for reference in references:
        spec = pdf.objects[int(reference.split()[0])]
        file = by_name[spec["UF"].string]
        stream = pdf.objects[int(spec["EF"]["F"].split()[0])]
        # Level 9, which pydyf uses, takes three times as long to save five parts in a hundred.
        stream.stream, stream.compress = [zlib.compress(file.data, ANNEX_LEVEL)], False
        stream.extra["Filter"] = "/FlateDecode"
        stream.extra["Subtype"] = "/" + file.mime.replace("/", "#2f")
        spec["AFRelationship"] = f"/{file.relationship}"
    pdf.catalog["AF"] = pydyf.Array(references)


@contextmanager
def _fixed_clock(moment: datetime) -> Iterator[None]:
    """Fix the date fontTools writes into subset fonts; it only listens to the environment."""
    with _clock:
        before = os.environ.get("SOURCE_DATE_EPOCH")
        os.environ["SOURCE_DATE_EPOCH"] = str(int(moment.timestamp()))
        try:
            yield
        finally:
            if before is None:
                del os.environ["SOURCE_DATE_EPOCH"]
            else:
                os.environ["SOURCE_DATE_EPOCH"] = before
