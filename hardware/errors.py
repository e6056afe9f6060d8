"""What a device can do wrong to us: it is missing, it is busy, it has a fault. Nothing else leaves this room."""


class DeviceError(Exception):
    """A device did not do what was asked; `ja` and `en` are whole sentences for the person in front of it.

    `undelivered` counts the sides a feeder scanned whose picture never came; None where it does not say.
    """

    def __init__(
        self,
        device: str,
        cause: str,
        fact: str,
        remedy: str,
        *,
        ja: str,
        en: str,
        undelivered: int | None = None,
    ) -> None:
        super().__init__(f"{device}: {fact}; {remedy}")
        self.device = device
        self.cause = cause
        self.fact = fact
        self.remedy = remedy
        self.ja = ja
        self.en = en
        self.undelivered = undelivered


class DeviceMissing(DeviceError):  # noqa: N818  # named for what the person meets
    """The device is not there: unplugged, switched off, or not reachable."""


class DeviceBusy(DeviceError):  # noqa: N818  # named for what the person meets
    """The device works for somebody else now; asking again later may succeed."""


class DeviceFault(DeviceError):  # noqa: N818  # named for what the person meets
    """The device is there and says, or shows, that something is wrong with it."""
