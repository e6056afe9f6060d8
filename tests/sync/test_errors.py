"""sync.errors: three families and no fourth."""

import pytest

from sync.errors import FailureKind, LocalError, PeerError, SealError, SyncError


@pytest.mark.parametrize(
    "error", [LocalError("x"), PeerError(7, "x"), SealError(FailureKind.HEADER, "x")]
)
def test_ok__every_error_is_of_the_agreement(error: Exception) -> None:
    """Whoever catches SyncError catches all of them, and no ValueError by accident."""
    assert isinstance(error, SyncError)
    assert not isinstance(error, ValueError)


def test_ok__a_peer_error_carries_its_number() -> None:
    """The refusal's number is kept for the wire."""
    assert PeerError(7, "too long").code == 7


@pytest.mark.parametrize("kind", list(FailureKind))
def test_ok__a_seal_error_begins_with_its_kind(kind: FailureKind) -> None:
    """The first words are one of the four that the documentation explains."""
    error = SealError(kind, "because")
    assert (error.kind, str(error)) == (kind, f"{kind.value}: because")
