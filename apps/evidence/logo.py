"""A tenant's logo: drawn anew from what was uploaded, so that nothing else rides along."""

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from apps.common.errors import Invalid

MOST_BYTES = 512 * 1024
MOST_SIDE = 4000
SHOWN_AT_MOST = (1200, 400)


def clean(uploaded: bytes) -> bytes:
    """A PNG of its pixels alone, on white, no larger than a cover shows it. Raises `Invalid`.

    Only PNG is read: other decoders see more of the world than a logo is worth. The size is told
    by the header before a single pixel is unpacked.
    """
    if len(uploaded) > MOST_BYTES:
        raise Invalid(f"The logo may have at most {MOST_BYTES // 1024} KB.", field="logo")
    try:
        with Image.open(BytesIO(uploaded), formats=["PNG"]) as image:
            if max(image.size) > MOST_SIDE:
                raise Invalid(
                    f"The logo may be at most {MOST_SIDE} pixels wide and high.", field="logo"
                )
            pixels = image.convert("RGBA")
    except (
        Image.DecompressionBombError, UnidentifiedImageError, OSError, SyntaxError, ValueError,
    ) as error:  # fmt: skip
        raise Invalid("The logo must be a PNG image that can be read.", field="logo") from error
    pixels.thumbnail(SHOWN_AT_MOST)
    page = Image.new("RGB", pixels.size, "white")
    page.paste(pixels, mask=pixels.getchannel("A"))
    out = BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()
