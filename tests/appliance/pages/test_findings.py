"""The sentences about a sheet."""

import pytest

from appliance.desk.pages import findings
from appliance.desk.pages.sheet import Finding
from papers.opening import PictureRefusedError, Reason


@pytest.mark.parametrize(
    "finding",
    [
        findings.not_a_picture(),
        findings.broken_picture(),
        findings.too_large(900, 50),
        findings.too_many_bytes(70, 64),
        findings.reading_stopped(120),
        findings.blank_page(),
        findings.unknown_page(),
        findings.unreadable_code(),
        findings.blurred(),
        findings.low_contrast(),
        findings.turned(180),
        findings.individual_number_hidden(),
        findings.individual_number_uncertain(),
        findings.individual_number_elsewhere(),
        findings.shortened(241, 297),
    ],
    ids=lambda finding: finding.code,
)
def test_sentence_tells_fact_and_remedy(finding: Finding) -> None:
    """At least two whole Japanese sentences: what is, and what to do."""
    assert finding.sentence.count("。") >= 2


@pytest.mark.parametrize(
    "reason", ["not_a_picture", "broken_picture", "too_large", "too_many_bytes"]
)
def test_every_reason_of_a_refusal_has_its_sentence(reason: Reason) -> None:
    """What the opener says in a word, the desk says in sentences."""
    assert findings.refused(PictureRefusedError(reason, 70_000_000)).code == reason
