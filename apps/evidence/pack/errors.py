"""What can go wrong while a pack is made; each error has a stable code and names the field."""


class PackError(Exception):
    """A pack could not be made. ``code`` is stable; the message says what to do."""

    code = "pack_error"


class ContentRefused(PackError):
    """Something handed to the pack cannot be put into evidence; ``field`` says what."""

    code = "pack_content_refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class RendererMissing(PackError):
    """The system libraries that draw the PDF are not installed."""

    code = "pack_renderer_missing"


class SealFailed(PackError):
    """The finished document could not be sealed or timestamped."""

    code = "pack_seal_failed"
