"""What a printer takes: one PDF of bounded size."""

from hardware.errors import DeviceFault

MAX_DOCUMENT = 32 * 1024 * 1024
PDF_MAGIC = b"%PDF-"


def checked(document: bytes, name: str) -> bytes:
    """Return the document; raises DeviceFault when it is no PDF or too large. `name` is the printer's."""
    if document.startswith(PDF_MAGIC) and len(document) <= MAX_DOCUMENT:
        return document
    raise DeviceFault(
        f"printer {name}",
        "document",
        f"the document is no PDF of {MAX_DOCUMENT} bytes at most",
        "make the receipt again",
        ja="印刷データが正しくありません。受付票を作り直してください。",
        en="The print data is not right. Make the receipt again.",
    )
