"""The processes as they are started: one ready line, a clean end on SIGTERM."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from tests.support.houses import make_houses

TOML = {
    "hall": """mail = "{f}/mail"
[intake]
folder = "{f}/intake"
port = 0
certificate = "{f}/tls.pem"
key = "{f}/tls.key"
client_ca = "{f}/ca.pem"
countersigner = "{f}/countersigner.key"
bundle = "{f}/bundle.json"
[office]
folder = "{f}"
division_keys = "{f}"
signer = "{f}"
bundle = "{f}"
[switchboard]
folder = "{f}"
certificate = "{f}"
key = "{f}"
client_ca = "{f}"
""",
    "bus": """device = "bus-07"
mail = "{f}/mail"
[desk]
folder = "{f}/desk"
keys = "{f}"
bundle = "{f}/bundle.json"
[uplink]
folder = "{f}/uplink"
bundle = "{f}/bundle.json"
root = "{f}/root.json"
hall_url = "wss://127.0.0.1:1/bus"
ca = "{f}/ca.pem"
certificate = "{f}/tls.pem"
key = "{f}/tls.key"
health_port = 0
[call]
folder = "{f}"
switchboard_url = "wss://127.0.0.1:1/bus"
ca = "{f}"
certificate = "{f}"
key = "{f}"
""",
}


@pytest.mark.parametrize(
    ("module", "settings", "process", "scheme"),
    [
        ("cityhall.intake", "hall", "intake", "https"),
        ("appliance.uplink", "bus", "uplink", "http"),
    ],
)
async def test_a_process_says_ready_once_and_ends_cleanly(
    tmp_path: Path, module: str, settings: str, process: str, scheme: str
) -> None:
    """The ready line names process and address; SIGTERM gives exit code 0."""
    make_houses(tmp_path)
    config = tmp_path / f"{settings}.toml"
    config.write_text(TOML[settings].format(f=tmp_path / settings))
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", module, "--config", str(config)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    async with asyncio.timeout(60):
        line = (await running.stdout.readline()).decode()
    word, _, told = line.partition(" ")
    facts = json.loads(told)
    assert (word, facts["process"]) == ("ready", process)
    assert facts["address"].startswith(f"{scheme}://127.0.0.1:")
    running.send_signal(signal.SIGTERM)
    async with asyncio.timeout(60):
        rest, errors = await running.communicate()
    assert (running.returncode, rest) == (0, b""), errors.decode()
