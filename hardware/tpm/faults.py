"""The sentences of a chip that does not do what was asked; `cause` is the word programs look at."""

from typing import Final

from hardware.errors import DeviceBusy, DeviceFault, DeviceMissing

FORGIVEN_S: Final = 7200
"""Seconds of running until the chip forgives one wrong password."""

_CALL = ("保守の担当に連絡してください。", "Tell maintenance.")


def missing(name: str, fact: str) -> DeviceMissing:
    """Say that the way to the chip is not there."""
    return DeviceMissing(
        name,
        "absent",
        fact,
        "switch the chip on in the firmware, or enrol the box without one",
        ja="端末の保護チップ（TPM）が見つかりません。" + _CALL[0],
        en="The security chip (TPM) of this unit is not found. " + _CALL[1],
    )


def wrong_auth(name: str) -> DeviceFault:
    """Say that the password is not the slot's."""
    return DeviceFault(
        name,
        "auth",
        "the password is not this slot's",
        "enter the right PIN",
        ja="暗証番号が合いません。",
        en="The PIN does not match.",
    )


def empty(name: str) -> DeviceFault:
    """Say that the slot holds nothing: it was destroyed, or the whole chip was reset."""
    return DeviceFault(
        name,
        "empty",
        "the slot holds nothing",
        "enrol the box again when this is a staff member's slot",
        ja="保護チップの中の鍵が消えています。端末の登録をやり直してください。" + _CALL[0],
        en="The security chip no longer holds the key: this unit must be enrolled again. "
        + _CALL[1],
    )


def locked_out(name: str) -> DeviceBusy:
    """Say that the chip takes no password for a while."""
    return DeviceBusy(
        name,
        "lockout",
        "too many wrong passwords",
        f"leave the box on; it forgives one every {FORGIVEN_S} s",
        ja="暗証番号の間違いが続いたため、保護チップが開きません。電源を入れたまま2時間ほどお待ちください。",
        en="Too many wrong PINs: the security chip stays shut. Leave the power on and wait about two hours.",
    )


def fault(name: str, cause: str, fact: str) -> DeviceFault:
    """Say that the chip is there and does not do what was asked."""
    return DeviceFault(
        name,
        cause,
        fact,
        "start the box again, and have its chip looked at when it says so again",
        ja="端末の保護チップ（TPM）が応じません。端末を再起動し、続くときは" + _CALL[0],
        en="The security chip (TPM) does not answer. Start the unit again; if it stays so: "
        + _CALL[1],
    )
