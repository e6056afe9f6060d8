"""A camera whose pictures are the files of a folder, shown in turn; unplug and plug it as you like."""

from pathlib import Path

from hardware.errors import DeviceFault, DeviceMissing
from hardware.protocols import Picture
from hardware.scanner.papers import NotPaper, as_jpeg, lay_in


class SimulatedCamera:
    """Shows the folder's pictures by name, from the first again after the last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown = 0
        self.plugged = True

    @property
    def name(self) -> str:
        """Say that nobody should take these pictures for real."""
        return "simulated"

    @property
    def simulated(self) -> bool:
        """Say that the pictures come from files."""
        return True

    async def still(self) -> Picture:
        """Give the next picture."""
        if not self.plugged:
            raise DeviceMissing(
                self.name,
                "absent",
                "the camera is not there",
                "plug it in and try again",
                ja="カメラが見つかりません。ケーブルを確かめて、もう一度撮影してください。",
                en="The camera cannot be found. Check its cable and try again.",
            )
        try:
            paper = lay_in(self._next())
        except NotPaper as error:
            raise DeviceFault(
                self.name,
                "no_picture",
                str(error),
                "lay pictures into the camera's folder",
                ja="カメラから画像が届きません。担当の技術者に連絡してください。",
                en="The camera gives no picture. Please call the technician.",
            ) from error
        self._shown += 1
        return Picture(as_jpeg(paper, colour=True), "image/jpeg", paper.width, paper.height)

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    def _next(self) -> Path:
        files = sorted(f for f in self._folder.glob("*") if f.is_file())
        return files[self._shown % len(files)] if files else self._folder
