"""A deliverer knows its own pupils, and may have invented some of them: what is left of a region's class is no few others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.protect import problem
from tests.attack.test_gate import CELLS, REGION, K, inner_frame, members_of, ordinary, outcomes, publish

INVENTED = 5


def of_girls_with_the_model(code: str) -> list[int]:
    """The inner cells of not eligible girls at a member's schools with the model: a cut that only the region has."""
    return [CELLS.index((code, "sspf", "girls", background, (0, 0))) for background in ("foreign", "swedish")]


def padded(invented: int) -> np.ndarray:
    """Two such girls in another member, none in the third, and as many as the first member has made up."""
    numbers = ordinary()
    for code in REGION.codes:
        numbers[of_girls_with_the_model(code)] = 0
    numbers[of_girls_with_the_model("0002")[1]] = 2
    numbers[of_girls_with_the_model("0001")[1]] = invented
    return numbers


def left_over(values: pd.DataFrame, numbers: np.ndarray, code: str) -> list[tuple[str, str, str, str]]:
    """Shown rows of the region of which a member that takes its own pupils away is left with few in a sensitive class."""
    own = np.array([cell[0] == code for cell in CELLS])
    found = []
    for row in values[(values["area_type"] == "region") & (values["status"] == "shown")].itertuples(index=False):
        inside, top = members_of(row), outcomes(row.indicator)
        whole = {"total": row.denominator, "rest": row.denominator - row.numerator}
        mine = {"total": numbers[inside & own].sum(), "rest": numbers[inside & own & ~top].sum()}
        found += [
            (row.indicator, row.model, row.sex, row.background)
            for part, number in whole.items()
            if mine[part] and 0 < number - mine[part] < K
        ]
    return found


def test_invented_pupils_do_not_bring_few_others_into_the_open() -> None:
    numbers = padded(INVENTED)
    values = publish(inner_frame(numbers))[0].values
    row = values[(values["area_type"] == "region") & (values["model"] == "sspf") & (values["sex"] == "girls")]
    assert set(row["status"]) == {"hidden"}
    assert left_over(values, numbers, "0001") == []


def test_the_attack_finds_them_where_only_the_class_itself_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = padded(INVENTED)
    few_left = problem._few_left
    monkeypatch.setattr(problem, "_few_left", lambda *given: np.zeros_like(few_left(*given)))
    values = publish(inner_frame(numbers))[0].values
    assert left_over(values, numbers, "0001")


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 25)), min_size=len(CELLS), max_size=len(CELLS)))
def test_no_member_that_takes_its_own_pupils_away_is_left_with_few(numbers: list[int]) -> None:
    frame = inner_frame(numbers)
    if frame.empty:
        return
    values = publish(frame)[0].values
    for code in REGION.codes:
        assert left_over(values, np.array(numbers), code) == []
