"""The answer that carries a pack or a part of it, the same from the page and from the API."""

import base64

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.common.api import problems
from apps.common.clock import database_now
from apps.evidence.downloads.binding import bound_to
from apps.evidence.downloads.ranges import RangeOutside
from apps.evidence.downloads.services import Handed, Wish, etag_of, take
from apps.tenancy.identity import acting


def hand_over(request: HttpRequest, *, secret: str) -> HttpResponseBase:
    """Answer a GET or HEAD of a link, whole or in part (RFC 9110 §14)."""
    wish = Wish(
        asked_range=request.headers.get("Range", "") if request.method == "GET" else "",
        if_range=request.headers.get("If-Range", ""),
        only_headers=request.method == "HEAD",
    )
    try:
        handed = take(
            actor=acting(request),
            secret=secret,
            bound_to=bound_to(request),
            wish=wish,
            now=database_now(),
        )
    except RangeOutside as outside:
        answer = problems.response(outside)
        answer["Content-Range"] = f"bytes */{outside.data['size']}"
        return answer
    return _answer(handed, only_headers=wish.only_headers)


def _answer(handed: Handed, *, only_headers: bool) -> HttpResponseBase:
    answer: HttpResponseBase = (
        HttpResponse(content_type="application/pdf")
        if only_headers
        else StreamingHttpResponse(handed.pieces, content_type="application/pdf")
    )
    pack, part = handed.pack, handed.part
    answer["Content-Length"] = str(part.length)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = etag_of(pack)
    answer["Content-Disposition"] = f'attachment; filename="pack-{pack.pk}.pdf"'
    answer["Cache-Control"] = "no-store"
    digest = base64.b64encode(bytes.fromhex(pack.sha256)).decode()
    answer["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530: of the whole file, whatever the part
    if handed.is_partial:
        answer.status_code = 206
        answer["Content-Range"] = part.content_range
    return answer
