"""The threat table, tried now: python -m tests.threats [--json] runs every test docs/threats.md names, row by row."""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.support.threat_table import threats
from tests.support.tree import ROOT

PASSED, SKIPPED, FAILED, ABSENT = "passed", "skipped", "failed", "absent"


def outcomes(names: list[str]) -> dict[str, str]:
    """Run these tests; returns name -> outcome, where one bad case of a test with many is that test's."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-o", "junit_family=xunit1", f"--junitxml={report}", "-n", "2"]
        # One file that cannot be read takes its own rows, not all of them.
        options += ["--continue-on-collection-errors"]
        command = [sys.executable, "-m", "pytest", *options, "--dist", "loadfile", *names]
        subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)
        if not report.exists():
            return {}
        # Written by our own pytest a moment ago: nobody else's XML is read here.
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314
    seen: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        name = f"{case.get('file')}::{str(case.get('name')).partition('[')[0]}"
        kinds = {child.tag for child in case}
        worse = FAILED if kinds & {"failure", "error"} else SKIPPED
        seen[name].add(worse if kinds & {"failure", "error", "skipped"} else PASSED)
    order = (FAILED, SKIPPED, PASSED)
    return {name: next(one for one in order if one in kinds) for name, kinds in seen.items()}


def main(arguments: list[str]) -> int:
    """Try and tell; 1 when a named test fails. A row with a skipped test has shown nothing on this machine."""
    parser = argparse.ArgumentParser(prog="python -m tests.threats", description=__doc__)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    rows = threats()
    named = {row.number: [f"{file}::{name}" for file, name in row.tests] for row in rows}
    results = outcomes(sorted({name for names in named.values() for name in names}))
    states = {
        number: sorted({results.get(name, ABSENT) for name in names}) or ["not yet"]
        for number, names in named.items()
    }
    passing = [number for number, kinds in states.items() if kinds == [PASSED]]
    told = {
        "rows": len(rows),
        "passing": len(passing),
        "not_yet": [number for number, kinds in states.items() if kinds == ["not yet"]],
        "tests": len(results),
        "troubled": {name: kind for name, kind in results.items() if kind != PASSED},
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n" if given.json else _told(states))
    return 1 if {FAILED, ABSENT} & {kind for kinds in states.values() for kind in kinds} else 0


def _told(states: dict[str, list[str]]) -> str:
    return "".join(f"{number:4} {', '.join(kinds)}\n" for number, kinds in states.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
