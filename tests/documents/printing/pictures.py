import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">'
    b'<rect width="120" height="40" fill="#07c"/></svg>'
)


def png(
    width: int, height: int, *, comment: str = "", form: str = "PNG", mode: str = "RGB"
) -> bytes:
    out, info = io.BytesIO(), PngInfo()
    info.add_text("Comment", comment)
    more = {"pnginfo": info} if form == "PNG" else {}
    Image.new(mode, (width, height)).save(out, form, **more)
    return out.getvalue()
