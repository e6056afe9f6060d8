"""The rows of the board, in their order: one table a part of the house (faults, seal, custody, checks)."""

from typing import Final

from provisioning.scoreboard.rows_checks import CHECKS
from provisioning.scoreboard.rows_custody import CUSTODY
from provisioning.scoreboard.rows_faults import FAULTS
from provisioning.scoreboard.rows_seal import SEAL

ROWS: Final = tuple(
    sorted((*FAULTS, *CUSTODY, *SEAL, *CHECKS), key=lambda row: (row.number, row.name))
)
