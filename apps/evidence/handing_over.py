"""The answer that carries a pack, the same from the page and from the API."""

from django.http import HttpResponse

from apps.evidence.models import Pack


def pdf_answer(found: Pack, pdf: bytes) -> HttpResponse:
    """The file as a download that no cache keeps."""
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="pack-{found.pk}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer
