"""Comparisons with earlier deliveries ask when there is cause to, and only then."""

from __future__ import annotations

import pytest

from metrics.intake import Finding, Findings
from metrics.intake.checks.history import HISTORY_CHECKS
from metrics.intake.history import Compared, compare, with_history


@pytest.mark.parametrize("code", HISTORY_CHECKS)
def test_a_comparison_asks_about_its_bad_numbers_and_not_its_good(code: str) -> None:
    check = HISTORY_CHECKS[code]

    assert code in {finding.code for finding in compare(Compared(**check.bad))}
    assert compare(Compared(**check.good)) == ()


@pytest.mark.parametrize(
    ("expected", "linked", "asked"), [(100, 19, True), (100, 20, False), (29, 0, False), (30, 5, True)]
)
def test_a_key_is_doubted_when_fewer_than_a_fifth_of_thirty_or_more_link(
    expected: int, linked: int, asked: bool
) -> None:
    assert bool(compare(Compared(expected=expected, linked=linked))) == asked


def test_what_the_comparison_asks_stands_between_errors_and_notes() -> None:
    kinds = ("error", "info")
    items = tuple(Finding(code=kind, severity=kind, sentence="x.", advice="x.") for kind in kinds)  # type: ignore[arg-type]

    found = with_history(Findings(items=items), Compared(counting_rule_changed=True))

    assert [finding.code for finding in found] == ["error", "counting_rule_changed", "info"]
    assert [finding.code for finding in found.acknowledgeable] == ["counting_rule_changed"]
