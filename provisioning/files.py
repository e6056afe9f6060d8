"""How provisioning writes: whole files with the right rights, in folders only their owner may enter."""

from pathlib import Path

from keeping.wholefile import write_durably

SECRET = 0o600
PUBLIC = 0o644


def write_whole(path: Path, content: bytes | str, mode: int = PUBLIC) -> None:
    """Write a file so that after a power cut it is either the old one or the new one, never a piece."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(path, content.encode() if isinstance(content, str) else content, mode)
