from dataclasses import replace

import pytest

from cityhall.office.epochs import Epochs
from cityhall.office.vault import Asked, Picture, SealedPart, Vault, VaultError
from sync.envelope import Envelope, PartRole
from sync.record import encode_record
from tests.support.garbage import turned
from tests.support.makers import (
    BOX,
    DEVICE,
    RECOVERY,
    ROOT,
    counting_random,
    make_bundle,
    make_device,
    make_envelope,
    make_opening_key,
    make_record,
    make_signer,
)
from tests.support.office_world import OfficeWorld, Page, make_answers
from tests.support.roots import bundle_text

ASKED = Asked("sato", "case.opened", "review", "ab" * 16, "version 1", "10.0.0.5")
PAGE = Page(page=b"the page", preview=b"the preview")


def actions(world: OfficeWorld) -> list[str]:
    """Return the audit's actions, oldest first."""
    return [line.action for line in reversed(world.audit.lines())]


def picture(world: OfficeWorld, envelope: Envelope, index: int, role: PartRole) -> Picture:
    """Open a part of an envelope of one sheet."""
    part = SealedPart(index, envelope.parts[index], 0, role)
    return world.vault.picture(envelope.slip, DEVICE, part, ASKED)


def test_a_slip_opens_into_its_record(world: OfficeWorld) -> None:
    """What the desk sealed is what the caseworker reads."""
    record = world.vault.record(make_envelope(3).slip, DEVICE, ASKED)
    assert record == make_record(3)


def test_the_audit_line_is_written_before_the_slip_is_touched(world: OfficeWorld) -> None:
    """Even rubbish leaves the line of the wish, then the line of the failure."""
    with pytest.raises(VaultError):
        world.vault.record(b"rubbish", DEVICE, ASKED)
    assert actions(world) == ["case.opened", "open.failed"]


def test_the_line_says_who_what_why_and_from_where(world: OfficeWorld) -> None:
    """One person, one reason, one case."""
    world.vault.record(make_envelope().slip, DEVICE, ASKED)
    line = world.audit.lines()[0]
    assert (line.actor, line.reason, line.case_id, line.origin) == (
        "sato",
        "review",
        "ab" * 16,
        "10.0.0.5",
    )


class NoPen:
    """An audit whose disk is full."""

    def write(self, **_words: str) -> None:
        """Fail."""
        raise OSError(28, "No space left on device")


def test_without_an_audit_line_nothing_opens(world: OfficeWorld) -> None:
    """A full disk closes the vault."""
    vault = Vault(Epochs(world.division), world.keyring, world.case_keys, NoPen())  # type: ignore[arg-type]
    with pytest.raises(OSError, match="No space"):
        vault.record(make_envelope().slip, DEVICE, ASKED)


def test_fail__another_boxs_name(world: OfficeWorld) -> None:
    """A slip counts only under the name of the box that signed it."""
    world.bundle_path.write_text(
        bundle_text(
            make_bundle(2, devices=[make_device(), make_device("bus-08", signer=77, reading=78)]),
            ROOT,
        )
    )
    with pytest.raises(VaultError, match="signature failure"):
        world.vault.record(make_envelope().slip, "bus-08", ASKED)


def test_fail__a_box_nobody_enrolled(world: OfficeWorld) -> None:
    """An unknown name opens nothing."""
    with pytest.raises(VaultError, match="UnknownDeviceError"):
        world.vault.record(make_envelope().slip, "bus-99", ASKED)


def test_fail__sealed_for_another_key(world: OfficeWorld) -> None:
    """What is not for the division stays shut."""
    slip = make_envelope(recipients=[(make_opening_key(RECOVERY).public, 2)]).slip
    with pytest.raises(VaultError, match="no match"):
        world.vault.record(slip, DEVICE, ASKED)


@pytest.mark.parametrize("place", [0, 40, 400, -1])
def test_fail__one_changed_byte(world: OfficeWorld, place: int) -> None:
    """Whatever byte is turned, nothing is shown."""
    slip = bytearray(make_envelope().slip)
    slip[place] ^= 1
    with pytest.raises(VaultError):
        world.vault.record(bytes(slip), DEVICE, ASKED)


def test_fail__a_record_that_is_no_record(world: OfficeWorld) -> None:
    """A sealed thing of another shape is not shown."""
    with pytest.raises(VaultError, match="ValueError"):
        world.vault.record(make_envelope(record=b"not a record").slip, DEVICE, ASKED)


def test_an_original_opens_when_its_record_names_it(world: OfficeWorld) -> None:
    """Bound by its digest as the other pictures are."""
    envelope = world.hand_in(pages=[Page(original=b"sharp")])
    assert picture(world, envelope, 2, PartRole.ORIGINAL) == Picture(b"sharp", "image/jpeg")


def test_fail__an_original_no_record_names(world: OfficeWorld) -> None:
    """A part that plays an original is not shown."""
    envelope = world.hand_in(pages=[PAGE])
    with pytest.raises(VaultError):
        picture(world, envelope, 1, PartRole.ORIGINAL)


def test_page_and_preview_open_with_their_types(world: OfficeWorld) -> None:
    """Both pictures come out as they went in."""
    envelope = world.hand_in(pages=[PAGE])
    assert picture(world, envelope, 0, PartRole.PREVIEW) == Picture(b"the preview", "image/webp")
    assert picture(world, envelope, 1, PartRole.PAGE) == Picture(b"the page", "image/avif")


def test_fail__a_page_that_is_not_the_one_of_the_record(world: OfficeWorld) -> None:
    """The digests of the record bind the pictures; a preview is no page."""
    envelope = world.hand_in(pages=[PAGE])
    with pytest.raises(VaultError, match="VaultError"):
        picture(world, envelope, 0, PartRole.PAGE)


def test_fail__a_part_with_other_bytes(world: OfficeWorld) -> None:
    """Bytes that are not the promised ones never open."""
    envelope = world.hand_in(pages=[PAGE])
    part = SealedPart(1, turned(envelope.parts[1]), 0, PartRole.PAGE)
    with pytest.raises(VaultError, match="payload failure"):
        world.vault.picture(envelope.slip, DEVICE, part, ASKED)


def test_fail__a_sheet_the_record_does_not_name(world: OfficeWorld) -> None:
    """A picture without a note is not shown."""
    envelope = world.hand_in(pages=[PAGE])
    part = SealedPart(1, envelope.parts[1], 5, PartRole.PAGE)
    with pytest.raises(VaultError):
        world.vault.picture(envelope.slip, DEVICE, part, ASKED)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", ""])
def test_fail__a_picture_that_says_it_is_a_page_of_ours(world: OfficeWorld, kind: str) -> None:
    """A bus cannot put a script on the caseworkers' screens."""
    envelope = world.hand_in(pages=[replace(PAGE, page_type=kind)])
    with pytest.raises(VaultError):
        picture(world, envelope, 1, PartRole.PAGE)


def test_the_failure_says_its_kind_and_no_content(world: OfficeWorld) -> None:
    """Audit and message name the family of the failure only."""
    secret = make_record(0, answers=make_answers(0))
    slip = make_envelope(
        record=encode_record(secret), signer=make_signer(BOX + 40), random=counting_random(1)
    ).slip
    with pytest.raises(VaultError) as refusal:
        world.vault.record(slip, DEVICE, ASKED)
    said = str(refusal.value) + "".join(line.detail for line in world.audit.lines())
    assert "髙﨑" not in said
