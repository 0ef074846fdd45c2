"""Our own re-encoded copy of a picture: the only form in which a picture is shown."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 20_000_000
MAX_SIDE = 1600
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF")


class PictureRefused(Exception):
    """This is no picture that is kept; the message says why."""

    permanent = True


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A re-encoded picture; width and height in pixels."""

    data: bytes
    mime: str
    width: int
    height: int
    sha256: str


def reencode(body: bytes) -> EncodedPicture:
    """Decode, turn upright, shrink, drop all metadata, encode as WebP. Raises PictureRefused. For the sandbox."""
    if len(body) > MAX_BYTES:
        raise PictureRefused("The picture is larger than 8 MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=FORMATS) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    raise PictureRefused("The picture has more than 20 megapixels.")
                upright = ImageOps.exif_transpose(opened)
                upright.thumbnail((MAX_SIDE, MAX_SIDE))
                plain = upright.convert(
                    "RGBA" if "A" in upright.getbands() or "transparency" in upright.info else "RGB"
                )
    except UnidentifiedImageError:
        raise PictureRefused("This is not a picture (PNG, JPEG, GIF, WebP or AVIF).") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefused("The picture has more than 20 megapixels.") from None
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureRefused(f"The picture is broken ({str(error)[:100]}).") from None
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=82, method=4)
    data = out.getvalue()
    return EncodedPicture(data, "image/webp", plain.width, plain.height, hashlib.sha256(data).hexdigest())
