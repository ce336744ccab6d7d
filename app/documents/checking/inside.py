"""The invoice in a PDF: the attached file that a slip is about."""

import hashlib
import io


def invoice_in(content: bytes, *, xml_sha256: str) -> bytes | None:
    """The attachment with this hash; None where there is none."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            for attached in pdf.attachments.values():
                data = attached.get_file().read_bytes()
                if hashlib.sha256(data).hexdigest() == xml_sha256:
                    return data
    except pikepdf.PdfError:
        return None
    return None
