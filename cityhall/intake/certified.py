"""Whose certificate a request bears."""

import ssl
from typing import Any

from aiohttp import web


def certified_name(request: web.Request) -> str:
    """Return the common name of the client's certificate, which TLS has verified; empty when there is none."""
    tls = None if request.transport is None else request.transport.get_extra_info("ssl_object")
    if not isinstance(tls, ssl.SSLObject):
        return ""
    certificate: Any = tls.getpeercert() or {}
    names = [
        value
        for pairs in certificate.get("subject", ())
        for key, value in pairs
        if key == "commonName"
    ]
    return str(names[0]) if len(names) == 1 else ""
