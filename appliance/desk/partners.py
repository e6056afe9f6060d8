"""What a counter is built of, and the one way it says no to a person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from appliance.desk.batch import Batch
from appliance.desk.bundles import Bundles
from appliance.desk.camera.table import CameraTable
from appliance.desk.formsin import Forms
from appliance.desk.keyring import Keyring
from appliance.desk.prints import Paper
from appliance.desk.work import Reader
from appliance.mail.store import MailStore
from hardware.protocols import Printer, Scanner, Tpm
from papers.blank import Blank
from procedures.policy import LONGEST_BOX_HOURS, CityPolicy, load_policy
from procedures.procedure import Procedure
from sync.clock import Clock


@dataclass(frozen=True, slots=True)
class Partners:
    """All that a counter works with; `__main__` puts it together."""

    device: str
    folder: Path
    keyring: Keyring
    mail: MailStore
    bundles: Bundles
    scanner: Scanner
    reader: Reader
    workers: int
    clock: Clock
    forms: Forms
    insurer_no: str
    random: Callable[[int], bytes]
    tpm: Tpm | None = None
    old_card: bool = False
    camera: CameraTable | None = None
    blanks: tuple[Blank, ...] = ()
    provider_files: Path | None = None
    policy: CityPolicy = field(default_factory=load_policy)
    keep_hours: int = LONGEST_BOX_HOURS
    printer: Printer | None = None
    receipt_paper: Paper = "a4"

    def form_of(self, batch: Batch) -> Procedure:
        """Return the form a batch is taken by, as it is in force for this visit."""
        form = self.policy.applied(self.forms.of(batch.procedure))
        return form.again(batch.again.fields, batch.again.papers) if batch.again else form

    @property
    def procedure(self) -> Procedure:
        """The form in force, as this city uses it; it changes between two visits only."""
        return self.policy.applied(self.forms.current)


class Refused(Exception):  # noqa: N818 - an answer to a person, not a fault of the program
    """What was asked cannot be done now; `key` names the sentence among the room's words."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


CHIP_SAYS = {
    "absent": "refused.chip_absent",
    "lockout": "refused.chip_lockout",
    "empty": "refused.chip_empty",
}
"""The sentence for each cause of a chip's failure that a person can do something about."""
