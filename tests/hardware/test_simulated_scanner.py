"""The simulated scanner's folder: what is a sheet, what is a new one, and what is none."""

from pathlib import Path

import pytest

from hardware.errors import DeviceError
from hardware.protocols import FeederState
from hardware.scanner.simulated import SimulatedScanner
from tests.support.pictures import noise, pixels, write_sheets


async def pull(scanner: SimulatedScanner) -> tuple[list[tuple[int, int]], str]:
    """Pull until the end or an error: sizes, and the error's cause or nothing."""
    sizes: list[tuple[int, int]] = []
    try:
        await collect(scanner, sizes)
    except DeviceError as error:
        return sizes, error.cause
    return sizes, ""


async def collect(scanner: SimulatedScanner, sizes: list[tuple[int, int]]) -> None:
    """Note each sheet's size as it comes."""
    async for sheet in scanner.feed():
        height, width = pixels(sheet.image).shape[:2]
        sizes.append((width, height))


async def test_ok__files_that_are_no_pictures_are_no_sheets(tmp_path: Path) -> None:
    """A note beside the stack is left alone."""
    write_sheets(tmp_path, (30, 20))
    (tmp_path / "note.txt").write_text("hello", encoding="utf-8")
    assert await pull(SimulatedScanner(tmp_path)) == ([(30, 20)], "")


async def test_ok__a_file_written_anew_is_a_new_sheet(tmp_path: Path) -> None:
    """The same name again, with another picture."""
    scanner = SimulatedScanner(tmp_path)
    write_sheets(tmp_path, (30, 20))
    await pull(scanner)
    write_sheets(tmp_path, (40, 50))
    assert await pull(scanner) == ([(40, 50)], "")


async def test_ok__the_stack_is_what_lies_there_now(tmp_path: Path) -> None:
    """A sheet that was seen and then taken away is not fed."""
    scanner = SimulatedScanner(tmp_path)
    first, second = write_sheets(tmp_path, (30, 20), (40, 50))
    assert await scanner.state() is FeederState.LOADED
    first.unlink()
    assert await pull(scanner) == ([(40, 50)], "")
    assert second.exists()


async def test_ok__an_empty_folder_may_come_later(tmp_path: Path) -> None:
    """A folder that does not exist is an empty feeder."""
    assert await SimulatedScanner(tmp_path / "later").state() is FeederState.EMPTY


async def test_fail__a_broken_picture_stops_the_stack_where_it_lies(tmp_path: Path) -> None:
    """The sheets before it come, looking does not fail, and mending it lets the rest through."""
    scanner = SimulatedScanner(tmp_path)
    paths = write_sheets(tmp_path, (30, 20), (40, 50), (60, 70))
    paths[1].write_bytes(b"half a pic")
    assert await scanner.state() is FeederState.LOADED
    assert await pull(scanner) == ([(30, 20)], "io")
    assert await pull(scanner) == ([], "io")
    noise(41, 51).save(paths[1])
    assert await pull(scanner) == ([(41, 51), (60, 70)], "")


async def test_fail__a_file_that_goes_while_it_is_fed_is_a_fault(tmp_path: Path) -> None:
    """Not an error of another kind that nobody expects."""
    scanner = SimulatedScanner(tmp_path)
    paths = write_sheets(tmp_path, (30, 20), (40, 50))
    stack = scanner.feed()
    await anext(stack)
    paths[1].unlink()
    with pytest.raises(DeviceError) as caught:
        await anext(stack)
    assert caught.value.cause == "io"
