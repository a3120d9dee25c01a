"""The verdict rules one by one, and the laws that hold for any evidence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.evaluate.verdict import POSITIVE, WORDS, Evidence, Reason, Step, judge, judge_all

STRONG = {"estimate": 0.05, "low95": 0.02, "high95": 0.08, "low99": 0.01, "high99": 0.09, "smallest": 0.03}


def step(**changes: object) -> Step:
    return judge(Evidence(**{**STRONG, "declared_before": True, **changes})).step


def test_each_step():
    assert step() == Step.STRONGLY_FOR
    assert step(low99=-0.001) == Step.FOR
    assert step(estimate=0.029) == Step.FOR
    assert step(sign_reversed=True) == Step.FOR
    assert step(declared_before=False) == Step.FOR
    assert step(estimate=-0.05, low95=-0.08, high95=-0.02) == Step.AGAINST
    assert step(estimate=0.001, low95=-0.02, high95=0.025) == Step.NO_DIFFERENCE
    assert step(estimate=0.001, low95=-0.02, high95=0.03) == Step.UNDECIDABLE
    assert step(estimate=0.001, low95=-0.03, high95=0.02) == Step.UNDECIDABLE
    assert step(low95=0.0) == Step.UNDECIDABLE


def test_a_late_declaration_caps_and_says_so():
    assert judge(Evidence(**STRONG)).capped
    assert not judge(Evidence(**{**STRONG, "low99": -0.01})).capped
    assert not judge(Evidence(**STRONG, declared_before=True)).capped


@pytest.mark.parametrize("reason", list(Reason))
def test_the_gate_comes_before_the_scale(reason):
    verdict = judge(Evidence(**STRONG, stopped=reason))
    assert (verdict.step, verdict.reason) == (Step.UNDECIDABLE, reason)
    assert verdict.words == f"kan inte avgöras: {WORDS[reason]}"


def test_a_material_that_could_not_have_shown_the_effect_says_nothing():
    assert judge(Evidence(**{**STRONG, "smallest": 0.031})).reason == Reason.TOO_LITTLE
    assert judge(Evidence(**{**STRONG, "smallest": np.nan})).reason == Reason.TOO_LITTLE
    assert judge(Evidence()).reason == Reason.TOO_LITTLE
    assert judge(Evidence(smallest=0.01)).reason == Reason.TOO_LITTLE
    assert judge(Evidence(estimate=0.1, smallest=0.01)).reason == Reason.TOO_UNCERTAIN


def test_words_never_call_evidence_support():
    assert set(WORDS) == set(Step) | set(Reason)
    assert not any("stöd" in words for words in WORDS.values())
    assert judge(Evidence(**STRONG)).words == "talar för"


def test_the_effect_that_matters_must_be_positive():
    with pytest.raises(ValueError, match="the effect that matters must be above 0, got: 0"):
        Evidence(matters=0)


def test_several_outcomes_share_one_error_rate():
    alone = Evidence(**STRONG, p=0.03)
    assert judge_all([alone])[0].step == Step.FOR
    many = judge_all([alone, *[Evidence(**{**STRONG, "low95": -0.1}, p=0.5)] * 4])
    assert many[0].reason == Reason.TOO_UNCERTAIN
    strong = Evidence(**STRONG, p=0.0005, declared_before=True)
    assert judge_all([strong, *[Evidence(p=0.5)] * 4])[0].step == Step.STRONGLY_FOR
    gated = Evidence(**STRONG, p=0.0001, stopped=Reason.TOO_EARLY)
    assert [v.step for v in judge_all([alone, gated])] == [Step.FOR, Step.UNDECIDABLE]


numbers = st.floats(-0.2, 0.2)


@given(st.lists(numbers, min_size=5, max_size=5), st.booleans(), st.booleans(), st.floats(0, 0.06))
def test_no_evidence_gives_both_or_more_than_it_holds(values, declared, reverse, smallest):
    low99, low95, estimate, high95, high99 = sorted(values)
    evidence = Evidence(
        estimate=estimate, low95=low95, high95=high95, low99=low99, high99=high99, smallest=smallest,
        declared_before=declared, sign_reversed=reverse,
    )  # fmt: skip
    verdict = judge(evidence)
    assert (verdict.reason is not None) == (verdict.step == Step.UNDECIDABLE)
    if verdict.step in POSITIVE:
        assert low95 > 0
    mirrored = judge(Evidence(estimate=-estimate, low95=-high95, high95=-low95, low99=-high99, smallest=smallest))
    if verdict.step == Step.AGAINST:
        assert mirrored.step == Step.FOR
