"""Who may come in: a box whose certificate our authority signed and the key bundle knows."""

import logging
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sync.bundle import Device, decode_bundle
from sync.calling import CallRefused, Side
from sync.callwords import Answer, Ring
from sync.errors import PeerError, SealError
from sync.mediabinding import verify_binding

log = logging.getLogger("madobus.switchboard")


def tls_context(certificate: Path, key: Path, client_ca: Path) -> ssl.SSLContext:
    """Make the server's TLS: version 1.3 only, and nobody without a certificate of our authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(client_ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(str(certificate), str(key))
    return context


def common_name(certificate: Mapping[str, Any]) -> str:
    """Return the name in a peer certificate as `ssl` shows it; empty when it has none."""
    for part in certificate.get("subject", ()):
        for key, value in part:
            if key == "commonName":
                return str(value)
    return ""


class Guests:
    """The bundle's boxes; the file is read for each newcomer, so that a revocation counts at once."""

    def __init__(self, bundle: Path | None) -> None:
        self._path = bundle

    def admit(self, device: str) -> Device | None:
        """Let a box in by its certificate's name, or raise PeerError with the refusal's number.

        Returns what the key bundle knows of it; None where there is no bundle.
        """
        if not device:
            raise PeerError(
                CallRefused.UNKNOWN_DEVICE, "switchboard: the certificate names no box; enrol again"
            )
        if self._path is None:
            return None
        try:
            bundle = decode_bundle(self._path.read_text(encoding="utf-8"), None)
        except (OSError, SealError) as error:
            log.error("bundle.unreadable cause=%s", error)  # noqa: TRY400  # the cause says it all
            raise PeerError(
                CallRefused.HALL_FULL, "switchboard: its key bundle cannot be read; call the office"
            ) from error
        found = bundle.device(device)
        if found is None:
            raise PeerError(
                CallRefused.UNKNOWN_DEVICE,
                f"switchboard: the key bundle knows no box {device!r}; publish it first",
            )
        if found.revoked:
            raise PeerError(
                CallRefused.REVOKED_DEVICE,
                f"switchboard: box {device!r} is revoked; enrol it under a new name before it may come in",
            )
        return found

    def vouch(self, device: str, message: Ring | Answer) -> None:
        """Raise PeerError unless the media's binding in a box's words is of this call and signed by its own key.

        The office checks it again with its own bundle: this spares a caseworker a ringing that is none.
        """
        known = self.admit(device)
        if known is None:
            return
        try:
            told = verify_binding(message.binding, (known.verify,))
        except SealError as error:
            raise _unbound(message.call_id, str(error)) from error
        if (told.call_id, told.device, told.by) != (message.call_id, device, Side.BUS):
            raise _unbound(message.call_id, "it is of another call, box or side")


def _unbound(call_id: str, why: str) -> PeerError:
    return PeerError(
        CallRefused.NOT_BOUND,
        f"call {call_id}: the media's binding does not hold ({why}); ring without it, or enrol again",
    )
