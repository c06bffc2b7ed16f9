"""Taking the uploaded file out of a request, for the page and for the API."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from apps.common.errors import Invalid
from apps.posture.scans import archives, services


def upload_of(request: HttpRequest, uploaded: "UploadedFile[Any] | None") -> tuple[str, bytes]:
    """Name and content of the upload. Raises `Invalid` when there is none, or too much of it."""
    if uploaded is not None:
        return uploaded.name or "", uploaded.read()
    if int(request.headers.get("Content-Length") or 0) > services.limit_mb() * 2**20:
        raise services.too_large()
    raise Invalid("Choose a zip of metadata.", field=archives.FIELD)
