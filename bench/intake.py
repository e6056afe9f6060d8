"""Measures city hall's intake over real TLS: records a second and a core, memory, and two intakes on one PostgreSQL.

    ./run bench intake [--records N] [--share S] [--json FILE]

Slips are sealed before the clock runs (two sheets each; their pages are not sent). "a CPU second" counts the intake's
own user and system seconds, without the database's. The naive peer takes the same slips by HTTPS POST, verifies them
the same way, and commits each alone; it gives no receipt and keeps no log. PostgreSQL runs on this machine, with
fsync. Two intakes are compared with one where each may use the same share of a core (a control group; needs root).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import _buses
from bench._cost import cpu_seconds, family_seconds, peak_mb, quota
from tests.support.postgres import Postgres, running_postgres

CONNECTED, SENDING = 200, 20
NOWHERE = "s3://unused?endpoint=http://127.0.0.1:9"
STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    records: int
    wall_s: float
    cpu_s: float
    database_cpu_s: float
    peak_mb: float
    median_ms: float
    p99_ms: float

    def line(self) -> str:
        """Return the line for a person."""
        fast = f"{self.records / self.wall_s:5.0f} /s {self.records / self.cpu_s:5.0f} /CPU s"
        late = f"receipt after {self.median_ms:5.0f} ms (99 %: {self.p99_ms:5.0f} ms)"
        cost = f"database {self.database_cpu_s:5.2f} s  {self.peak_mb:4.0f} MB"
        return f"{self.what:<54} {fast}  {cost}  {late}"


@dataclass(frozen=True, slots=True)
class Server:
    """A process that takes records."""

    process: "subprocess.Popen[str]"
    address: str


class Bench:
    """One city, its sealed slips, and a database server."""

    def __init__(self, folder: Path, postgres: Postgres, per_bus: int) -> None:
        self._folder = folder
        self._postgres = postgres
        self.city, self._buses = _buses.found(folder, CONNECTED)
        batches = {
            bus.name: list(_buses.slips(self.city, bus, per_bus)) for bus in self._buses[:SENDING]
        }
        self.few, self.many = folder / "few.json", folder / "many.json"
        _buses.write_load(self.few, self._buses[:SENDING], batches)
        _buses.write_load(self.many, self._buses, batches)
        self._hall = _buses.hall_settings(self.city).read_text()

    def stores(self, kind: str) -> str:
        """Return the lines of hall.toml for an empty shelf of this kind."""
        if kind == "SQLite":
            return f'mail = "{tempfile.mkdtemp(dir=self._folder)}/mail"'
        return f'mail_database = "{self._postgres.database()}"\nblobs = "{NOWHERE}"'

    @contextmanager
    def intake(self, stores: str, name: str = "one") -> Iterator[Server]:
        """Run an intake on these stores."""
        lines = [line for line in self._hall.splitlines() if not line.startswith("mail =")]
        text = "\n".join([stores, *lines]).replace("[intake]", f'[intake]\nname = "{name}"')
        path = self._folder / f"{name}.toml"
        path.write_text(text)
        with _started(["-m", "cityhall.intake", "--config", str(path)]) as (process, address):
            yield Server(process, address.replace("https://", "wss://") + "/bus")

    @contextmanager
    def naive(self, kind: str) -> Iterator[Server]:
        """Run the naive peer on an empty database."""
        file = f"{tempfile.mkdtemp(dir=self._folder)}/naive.db"
        database = file if kind == "SQLite" else self._postgres.database()
        with _started(["-m", "bench._naive", str(self.city.folder), database]) as (
            process,
            address,
        ):
            yield Server(process, address)

    def measured(self, what: str, load: Path, servers: Sequence[Server]) -> Figure:
        """Replay a load against servers that run."""
        command = [sys.executable, "-m", "bench._load", str(load), str(self.city.authority_path)]
        addresses = [server.address for server in servers]
        with subprocess.Popen(
            [*command, *addresses], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as boxes:
            if (
                boxes.stdin is None
                or boxes.stdout is None
                or boxes.stdout.readline() != "connected\n"
            ):
                raise RuntimeError("bench: the boxes could not connect")
            before = [cpu_seconds(server.process.pid) for server in servers]
            database = self._database_seconds()
            boxes.stdin.write("go\n")
            boxes.stdin.flush()
            told = json.loads(boxes.stdout.readline())
            after = [cpu_seconds(server.process.pid) for server in servers]
            peak = max(peak_mb(server.process.pid) for server in servers)
            waits = told["waits"]
            figure = Figure(
                what,
                told["count"],
                told["seconds"],
                sum(after) - sum(before),
                self._database_seconds() - database,
                peak,
                waits[len(waits) // 2] * 1000,
                waits[len(waits) * 99 // 100] * 1000,
            )
            boxes.stdin.write("end\n")
            boxes.stdin.flush()
        print(figure.line(), flush=True)
        return figure

    def _database_seconds(self) -> float:
        process = self._postgres.process
        return 0.0 if process is None else family_seconds(process.pid)

    def throughput(self, kind: str) -> Iterator[Figure]:
        """Measure one intake and the naive peer on one kind of database, and 200 connected boxes."""
        with self.intake(self.stores(kind)) as server:
            yield self.measured(f"intake, {kind}, {SENDING} sending", self.few, [server])
        with self.naive(kind) as server:
            yield self.measured(f"naive peer, {kind}, {SENDING} sending", self.few, [server])
        with self.intake(self.stores(kind)) as server:
            what = f"intake, {kind}, {CONNECTED} connected, {SENDING} sending"
            yield self.measured(what, self.many, [server])

    def scaling(self, share: float) -> Iterator[Figure]:
        """Measure one and two intakes on one PostgreSQL, each held to a share of a core."""
        for count in (1, 2):
            stores = self.stores("PostgreSQL")
            with ExitStack() as held:
                servers = [
                    held.enter_context(self.intake(stores, f"intake-{n}")) for n in range(count)
                ]
                for n, server in enumerate(servers):
                    group = held.enter_context(quota(str(n), share))
                    if group is None:
                        print("scaling: no control group could be made here; run as root")
                        return
                    held.callback(_stop, server.process)
                    group.hold(server.process.pid)
                what = f"{count} intake(s) on one PostgreSQL, {share:.0%} of a core each"
                yield self.measured(what, self.few, servers)


@contextmanager
def _started(arguments: Sequence[str]) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        line = "" if process.stdout is None else process.stdout.readline()
        yield process, str(json.loads(line.partition(" ")[2])["address"])
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def main() -> int:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=100, help="records of each sending box")
    parser.add_argument("--share", type=float, default=0.2, help="of a core, for one and for two")
    parser.add_argument("--only", choices=("SQLite", "PostgreSQL", "scaling"), help="one part")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running_postgres(durable=True) as postgres:
        bench = Bench(Path(name), postgres, given.records)
        kinds = [one for one in ("SQLite", "PostgreSQL") if given.only in {None, one}]
        figures = [figure for kind in kinds for figure in bench.throughput(kind)]
        scaled = list(bench.scaling(given.share)) if given.only in {None, "scaling"} else []
        if len(scaled) == 2:  # noqa: PLR2004 - one and two
            one, two = (figure.records / figure.wall_s for figure in scaled)
            print(f"two intakes do {two / one:.2f} times the work of one")
    if given.json is not None:
        given.json.write_text(json.dumps([asdict(one) for one in [*figures, *scaled]], indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
