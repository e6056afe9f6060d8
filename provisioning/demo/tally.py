"""What one played stop came to: the figures, the problems in words, and the one JSON object."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from papers.residual import MEDIA_TYPE as ON_BLANK
from provisioning.demo.screens import State


@dataclass
class Tally:
    """Collected while the stop is played; `ok` only if nothing was lost, doubled or found different."""

    scanner: str = ""
    link: str = ""
    desk: list[State] = field(default_factory=list)
    declared: int = 0
    fed_sheets: int = 0
    received: int = 0
    opened: int = 0
    known_pages: int = 0
    receipts_verified: int = 0
    duplicates: int = 0
    lost: int = 0
    refused: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    correction: str = "not asked"

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Measure one stage in seconds."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.timings[stage] = round(time.monotonic() - began, 2)

    def expect(self, held: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Note a problem unless the fact held."""
        if not held:
            self.problems.append(otherwise)

    def count_known(self, *, must: bool) -> None:
        """Count the pages that were laid on a blank form: their first looks are what was added to it."""
        pages = [page for application in self.desk for page in application["pages"]]
        self.known_pages = sum(page["preview_type"] == ON_BLANK for page in pages)
        self.expect(
            self.known_pages > 0 or not must,
            "Desk: papers of this city's own press must be known by their blanks; none was.",
        )

    @property
    def ok(self) -> bool:
        """Whether every check held."""
        return not self.problems and not self.lost and not self.duplicates

    def as_json(self) -> Mapping[str, Any]:
        """Return the one object of `--json`."""
        return {
            "ok": self.ok,
            "scanner": self.scanner,
            "link": self.link,
            "applications": [application_json(found) for found in self.desk],
            "totals": {
                "declared": self.declared,
                "fed": len(self.desk),
                "sealed": sum(1 for found in self.desk if found.get("env_id")),
                "received": self.received,
                "opened": self.opened,
                "sheets": self.fed_sheets,
                "known": self.known_pages,
            },
            "timings": self.timings,
            "receipts_verified": self.receipts_verified,
            "duplicates": self.duplicates,
            "lost": self.lost,
            "correction": self.correction,
            "refused": self.refused,
            "problems": self.problems,
        }


def application_json(found: State) -> Mapping[str, Any]:
    """Return one application as the contract names it; `doubtful` names what a person was asked to look at."""
    return {
        "id": found["id"],
        "fields": found["fields"],
        "sources": found["sources"],
        "doubtful": found["doubtful"],
        "defects": found["defects"],
        "filed_at": found["filed_at"],
        "filing_no": found.get("filing_no"),
        "pages": [
            {name: page[name] for name in ("index", "kind", "bytes", "preview_bytes")}
            for page in found["pages"]
        ],
    }
