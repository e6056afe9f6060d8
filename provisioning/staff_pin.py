"""Asking a member of staff for a PIN at the box, so that no argument and no log ever holds it."""

import getpass

from provisioning.boxkeys import StaffMember

SHORTEST_PIN = 6
LONGEST_PIN = 12


def ask_staff(words: str) -> StaffMember:
    """Return the member of staff of 'S-014 工藤 真' with the PIN they type; raises ValueError for a poor one."""
    staff_id, _, name = words.partition(" ")
    pin = getpass.getpass(f"PIN for {staff_id}, {SHORTEST_PIN} to {LONGEST_PIN} digits: ")
    if not (pin.isascii() and pin.isdigit() and SHORTEST_PIN <= len(pin) <= LONGEST_PIN):
        raise ValueError(f"enrol: a PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits; choose another")
    return StaffMember(staff_id, name, pin)
