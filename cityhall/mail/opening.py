"""Opening city hall's shelf as hall.toml says: one folder, or the stores that machines share."""

from cityhall.config import HallSettings
from cityhall.mail.place import shared
from cityhall.mail.store import HallMail


def open_hall_mail(settings: HallSettings) -> HallMail:
    """Return the shelf; raises as `in_folder` and `shared` do."""
    if settings.mail is not None:
        return HallMail(settings.mail)
    if settings.mail_database is None or settings.blobs is None:
        raise ValueError("mail: give a folder, or mail_database together with blobs")
    return HallMail(shared(settings.mail_database, settings.blobs, settings.blobs_keys))
