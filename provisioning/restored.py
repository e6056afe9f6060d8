"""A backup of city hall was put back: numbers are left out before the first bus comes, not only when one tells."""

from datetime import datetime

from cityhall.intake.restored import NUMBERS_MARGIN
from cityhall.mail.times import fiscal_year
from provisioning.city import City
from provisioning.hall_shelf import hall_shelf
from sync.ids import filing_parts


def leave_numbers_out(city: City, now: datetime) -> bool:
    """Raise this year's numbers by the margin; False when none was given out since they were raised last.

    The buses that tell of the same loss afterwards raise them no further.
    """
    with hall_shelf(city) as mail:
        highest, this_year = mail.witness(0).highest, fiscal_year(now)
        year, known = filing_parts(highest) if highest else (this_year, 0)
        return mail.skip_numbers(this_year, known if year == this_year else 0, NUMBERS_MARGIN)
