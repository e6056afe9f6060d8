"""The blank forms that this counter knows: the program's own and the city's."""

import logging
from collections.abc import Sequence
from pathlib import Path

from papers.blank import Blank, BlankError, own_blanks, read_blanks

log = logging.getLogger(__name__)


def read_forms(folders: Sequence[Path] | None) -> tuple[Blank, ...]:
    """Give the program's own blanks and those of folders; None knows none.

    A folder with a mistake is left out and told: pages of its forms are then read by their labels.
    """
    if folders is None:
        return ()
    blanks = list(own_blanks())
    for folder in folders:
        try:
            blanks += read_blanks(folder)
        except BlankError:
            log.exception("blanks.refused remedy='madobus blank check'")
    return tuple(blanks)
