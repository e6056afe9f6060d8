"""How a figure is taken out of what a command said: a JSON object, pytest's last line, or a pattern."""

import json
import re
from typing import Any

from provisioning.scoreboard.figure import Read, Unread, Value
from provisioning.scoreboard.ran import Ran

_COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed)")
HUNDRED = 100.0


def told(ran: Ran) -> dict[str, Any]:
    """Return the last JSON object a command printed; raises Unread."""
    decoder = json.JSONDecoder()
    for start in sorted(
        (at.start() for at in re.finditer(r"^\{", ran.said, re.MULTILINE)), reverse=True
    ):
        try:
            found = decoder.raw_decode(ran.said, start)[0]
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    raise Unread("it printed no JSON object")


def at(*path: str) -> Read:
    """Return a reader of a number inside the JSON object."""

    def read(ran: Ran) -> Value:
        found: Any = told(ran)
        for name in path:
            if not isinstance(found, dict) or name not in found:
                raise Unread(f"its answer has no {'.'.join(path)}")
            found = found[name]
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise Unread(f"its {'.'.join(path)} is no number: {str(found)[:80]}")
        return found

    return read


def share(part: str, whole: str) -> Read:
    """Return a reader of one number of the JSON object as a percentage of another."""

    def read(ran: Ran) -> Value:
        if not (of := at(whole)(ran)):
            raise Unread(f"its {whole} is 0")
        return HUNDRED * at(part)(ran) / of

    return read


def count_of(*names: str) -> Read:
    """Return a reader that adds up the tally's entries; one that never happened is 0, an empty tally is Unread."""

    def read(ran: Ran) -> Value:
        tally = told(ran)
        if len(tally) < 2:  # noqa: PLR2004 - the seconds alone count nothing
            raise Unread("it counted nothing")
        return sum(int(tally.get(name, 0)) for name in names)

    return read


def share_of(*stems: str) -> Read:
    """Return a reader of the percentage that "X" is of "X: there are" in a tally, over these X."""

    def read(ran: Ran) -> Value:
        tally = told(ran)
        missing = [stem for stem in stems if f"{stem}: there are" not in tally]
        if missing:
            raise Unread(f"not tried on this machine: {', '.join(missing)}")
        tried = sum(int(tally[stem]) for stem in stems)
        return HUNDRED * tried / sum(int(tally[f"{stem}: there are"]) for stem in stems)

    return read


def pattern(words: str) -> Read:
    """Return a reader of the last number a pattern's only group finds; commas in it do not matter."""
    sought = re.compile(words, re.MULTILINE)

    def read(ran: Ran) -> Value:
        found = sought.findall(ran.said)
        if not found:
            raise Unread(f"it did not say {words!r}")
        number = str(found[-1]).replace(",", "")
        return float(number) if "." in number else int(number)

    return read


def lines_with(words: str, proof: str) -> Read:
    """Return a reader that counts lines holding `words`, in an output where the pattern `proof` shows that it ended."""

    def read(ran: Ran) -> Value:
        if not re.search(proof, ran.said, re.MULTILINE):
            raise Unread("it did not come to its end")
        return sum(words in line for line in ran.said.splitlines())

    return read


def tests(ran: Ran) -> dict[str, int]:
    """Return pytest's counts by outcome; raises Unread where it counted none."""
    lines = [line for line in ran.said.splitlines() if _COUNTS.search(line)]
    if not lines:
        raise Unread("pytest counted no test")
    return {word.rstrip("s"): int(number) for number, word in _COUNTS.findall(lines[-1])}


def passed(ran: Ran) -> Value:
    """Return how many tests passed; raises Unread."""
    return tests(ran).get("passed", 0)


def share_passed(ran: Ran) -> Value:
    """Return the percentage of the chosen tests that passed; a skipped test has shown nothing and counts against."""
    counts = tests(ran)
    if counts.get("passed", 0) == 0:
        raise Unread("no test passed: " + ", ".join(f"{n} {word}" for word, n in counts.items()))
    return HUNDRED * counts["passed"] / sum(counts.values())
