"""The desk dies by SIGKILL while it keeps applications: whatever it acknowledged is there, once, and whole."""

import os
import signal
from pathlib import Path

import pytest

from appliance.mail.store import MailStore
from sync.envelope import Envelope
from sync.journal import verify_chain
from tests.support.makers import instant, make_envelope

SEALED = tuple(make_envelope(n) for n in range(12))


def keep_all(folder: Path, acknowledged: int) -> None:
    """Keep each application and say so through the pipe, as the screen would."""
    mail = MailStore(folder)
    for n, sealed in enumerate(SEALED):
        keep(mail, sealed)
        os.write(acknowledged, bytes([n]))


def keep(mail: MailStore, sealed: Envelope) -> None:
    """Keep one application."""
    mail.keep(sealed, deadline=None, at=instant(), receipt_for=lambda entry: bytes([entry.seq]))


@pytest.mark.parametrize("after", [0, 1, 4, 9])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, after: int) -> None:
    """Killed after each number of acknowledgements; keeping all again completes the shelf without a double."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            keep_all(tmp_path, said)
        finally:
            os._exit(0)
    os.close(said)
    acknowledged = b""
    while len(acknowledged) <= after and (more := os.read(heard, 1)):
        acknowledged += more
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    acknowledged += os.read(heard, 100)
    os.close(heard)
    mail = MailStore(tmp_path)
    kept = {row.env_id for row in mail.outbox()}
    assert {SEALED[n].env_id for n in acknowledged} <= kept
    for sealed in SEALED:
        keep(mail, sealed)
    assert len(mail.outbox()) == len(SEALED)
    assert verify_chain(mail.entries()) == mail.head()
    for sealed in SEALED:
        assert mail.slip(sealed.env_id) == sealed.slip
        assert mail.part(sealed.env_id, 1) == sealed.parts[1]
