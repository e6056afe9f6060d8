import asyncio
import json
import logging
import signal
import sys
from pathlib import Path

import pytest

from cityhall.office import accounts
from cityhall.office.__main__ import UnguardedAddressError, main
from cityhall.office.database import open_office
from keeping.database import NewerSchemaError
from sync.keys import write_key
from tests.support.makers import OFFICE, ROOT, make_bundle, make_opening_key, make_signer
from tests.support.office_world import OfficeWorld
from tests.support.roots import bundle_text


def settings(folder: Path, *, host: str = "127.0.0.1", behind_tls: bool = False) -> Path:
    """Write city hall's file and keys into a folder and return the file."""
    (folder / "division.key").write_text(write_key("opening", make_opening_key().seed))
    (folder / "signer.key").write_text(write_key("signer", make_signer(OFFICE).seed))
    (folder / "bundle.json").write_text(bundle_text(make_bundle(), ROOT))
    other = f'certificate = "{folder}/c"\nkey = "{folder}/k"\nclient_ca = "{folder}/a"\n'
    file = folder / "hall.toml"
    file.write_text(
        f'mail = "{folder}/mail"\n'
        f'[intake]\nfolder = "{folder}/intake"\n{other}'
        f'countersigner = "{folder}/x"\nbundle = "{folder}/bundle.json"\n'
        f'[switchboard]\nfolder = "{folder}/switchboard"\n{other}'
        f'[office]\nfolder = "{folder}/office"\nhost = "{host}"\nport = 0\n'
        f"behind_tls = {str(behind_tls).lower()}\n"
        f'division_keys = "{folder}/division.key"\nsigner = "{folder}/signer.key"\n'
        f'bundle = "{folder}/bundle.json"\n'
    )
    return file


async def test_the_process_says_ready_and_stops_when_told(tmp_path: Path) -> None:
    """One line on stdout when it serves; SIGTERM ends it with 0."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cityhall.office",
        "--config",
        str(settings(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        word, _, facts = (await process.stdout.readline()).decode().partition(" ")
    assert word == "ready"
    assert json.loads(facts)["address"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(60):
        assert await process.wait() == 0


def test_screens_on_the_network_need_tls(tmp_path: Path) -> None:
    """An address others reach is refused unless a TLS proxy stands before it."""
    with pytest.raises(UnguardedAddressError, match="behind_tls"):
        main(["--config", str(settings(tmp_path, host="192.0.2.1"))])


def test_an_account_is_made_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Password and code secret are printed once, and they are right."""
    config = ["--config", str(settings(tmp_path))]
    assert accounts.main([*config, "add", "sato", "--role", "caseworker", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["name"], made["role"]) == ("sato", "caseworker")
    assert len(made["password"]) >= 20
    assert made["totp_secret"] in made["totp_uri"]


def test_the_same_name_twice_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second add fails in words and with a number."""
    config = ["--config", str(settings(tmp_path))]
    accounts.main([*config, "add", "sato", "--role", "chief"])
    assert accounts.main([*config, "add", "sato", "--role", "chief"]) == 1
    assert "exists already" in capsys.readouterr().err


def test_accounts_are_listed_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list shows names and roles, no secret."""
    config = ["--config", str(settings(tmp_path))]
    accounts.main([*config, "add", "sato", "--role", "auditor"])
    accounts.main([*config, "add", "ito", "--role", "chief"])
    accounts.main([*config, "remove", "ito"])
    capsys.readouterr()
    accounts.main([*config, "list"])
    assert capsys.readouterr().out == "sato\tauditor\n"


def test_a_file_of_another_schema_is_left_alone(world: OfficeWorld) -> None:
    """A newer program's file is not written into."""
    with world.database.writing() as session:
        session.connection().exec_driver_sql("PRAGMA user_version=99")
    with pytest.raises(NewerSchemaError, match="99"):
        open_office(world.database.path.parent)


def test_no_personal_word_reaches_the_log(
    world: OfficeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """A record full of marks goes through; the log holds none of them."""
    caplog.set_level(logging.DEBUG)
    world.case(answers={"name": "MARK-NAME", "address": "MARK-ADDRESS", "insured_no": "9999900000"})
    assert "MARK" not in caplog.text
    assert "9999900000" not in caplog.text
