"""What a camera does wrong, in sentences for the person before it."""

from hardware.errors import DeviceBusy, DeviceError, DeviceFault, DeviceMissing


def camera_error(name: str, cause: str, fact: str = "") -> DeviceError:
    """Return the error for a cause: absent, busy, hung, no_picture."""
    match cause:
        case "absent":
            return DeviceMissing(
                name,
                cause,
                fact or "the camera is not there",
                "plug it in and try again",
                ja="カメラが見つかりません。ケーブルを確かめて、もう一度撮影してください。",
                en="The camera cannot be found. Check its cable and try again.",
            )
        case "busy":
            return DeviceBusy(
                name,
                cause,
                fact or "another program holds the camera",
                "end that program and try again",
                ja="カメラがほかの画面で使われています。少し待って、もう一度撮影してください。",
                en="The camera is used by another program. Wait a moment and try again.",
            )
        case "hung":
            return DeviceFault(
                name,
                cause,
                fact or "the camera gave no picture in time",
                "pull its plug, wait a moment, plug it in again",
                ja="カメラが応答しません。ケーブルを抜き、少し待って差し直してください。",
                en="The camera does not answer. Unplug it, wait a moment and plug it in again.",
            )
        case _:
            return DeviceFault(
                name,
                "no_picture",
                fact or "the camera gives no picture",
                "check its cable, then call the technician",
                ja="カメラから画像が届きません。担当の技術者に連絡してください。",
                en="The camera gives no picture. Please call the technician.",
            )
