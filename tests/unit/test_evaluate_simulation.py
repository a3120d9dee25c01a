"""Does the verdict tell the truth? Worlds of GR's sizes where the truth is known; small here, whole in `make soak`."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from metrics.evaluate import Question, evaluate, judge
from metrics.evaluate.evaluation import HEADLINE, evidence_of
from metrics.evaluate.inference import draw
from metrics.evaluate.material import prepare
from metrics.evaluate.verdict import POSITIVE, Step

# Leavers of year 9 per school municipality and year, GR's thirteen members, rounded from Skolverket's table 2025.
SIZES = {
    "Ale": 434, "Alingsås": 612, "Göteborg": 6104, "Härryda": 640, "Kungsbacka": 1299, "Kungälv": 611, "Lerum": 688,
    "Lilla Edet": 141, "Mölndal": 905, "Partille": 571, "Stenungsund": 402, "Tjörn": 187, "Öckerö": 155,
}  # fmt: skip
YEARS = 10
WARM_UP = 20
SHOCK = 0.015
FIRST_STARTS = (6, 6, 7, 7, 8, 8)


def world(seed: int, *, effect: float, memory: float, after_bad_year: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten years of thirteen municipalities, six adopters from year 6 on; the same but for the effect at each seed.

    Every municipality-year has a shock of 1.5 points with the memory (AR 1) given; with after_bad_year those start who
    just had their worst year. All years share a drift.
    """
    rng = np.random.default_rng(seed)
    size = np.array(list(SIZES.values()))
    level, shock = rng.uniform(0.72, 0.90, size.size), _shocks(rng, size.size, memory)
    drift = np.cumsum(rng.normal(0, 0.005, YEARS))
    first = _adopters(rng, shock, after_bad_year)
    ran = (first > 0)[:, None] & (np.arange(1, YEARS + 1)[None, :] >= first[:, None])
    share = np.clip(level[:, None] + shock + drift + effect * ran, 0, 1)
    passed = rng.binomial(size[:, None], share)
    rows = [
        (name, name, 2014 + year, passed[i, year], size[i]) for i, name in enumerate(SIZES) for year in range(YEARS)
    ]
    starts = [(name, pd.Timestamp(2012 + first[i], 8, 15)) for i, name in enumerate(SIZES) if first[i]]
    columns = ["unit", "cluster", "period", "numerator", "denominator"]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(starts, columns=["unit", "started"])


def _shocks(rng: np.random.Generator, units: int, memory: float) -> np.ndarray:
    shock = rng.normal(0, SHOCK, (units, YEARS + WARM_UP))
    for year in range(1, YEARS + WARM_UP):
        shock[:, year] = memory * shock[:, year - 1] + np.sqrt(1 - memory**2) * shock[:, year]
    return shock[:, WARM_UP:]


def _adopters(rng: np.random.Generator, shock: np.ndarray, after_bad_year: bool) -> np.ndarray:
    """Year of start per municipality, 0 = never: the worst off in the year before, or anyone."""
    first, free = np.zeros(len(shock), dtype=int), list(range(len(shock)))
    for start in FIRST_STARTS:
        chosen = min(free, key=lambda i, year=start - 2: shock[i, year]) if after_bad_year else int(rng.choice(free))
        first[chosen] = start
        free.remove(chosen)
    return first


@dataclass(frozen=True, kw_only=True)
class Result:
    """Shares of worlds: what was said, how often the interval held the truth, how often before/after saw a change."""

    steps: Counter[Step]
    worlds: int
    coverage: float
    bias: float
    naive: float

    def share(self, *steps: Step) -> float:
        return sum(self.steps[step] for step in steps) / self.worlds

    def __str__(self) -> str:
        said = ", ".join(f"{step} {self.share(step):.1%}" for step in Step)
        return (
            f"{said}; coverage {self.coverage:.1%}, bias {self.bias:+.2%}, before/after sees a change {self.naive:.1%}"
        )


def simulate(worlds: int, *, effect: float, memory: float, after_bad_year: bool = True, sample: int = 999) -> Result:
    question = Question(outcome="eligibility", matters=0.04, declared_before=True, sample=sample)
    found = [
        evaluate(*world(seed, effect=effect, memory=memory, after_bad_year=after_bad_year), question)
        for seed in range(worlds)
    ]
    return Result(
        steps=Counter(e.verdict.step for e in found),
        worlds=worlds,
        coverage=float(np.mean([e.low95 <= effect <= e.high95 for e in found])),
        bias=float(np.mean([e.estimate - effect for e in found])),
        naive=float(np.mean([e.naive.low > 0 or e.naive.high < 0 for e in found])),
    )


def headline(seed: int, *, effect: float, memory: float, after_bad_year: bool) -> tuple[Step, bool]:
    """The verdict and whether the interval holds the truth, without the checks that stand beside them."""
    question = Question(outcome="eligibility", matters=0.04, declared_before=True)
    material = prepare(
        *world(seed, effect=effect, memory=memory, after_bad_year=after_bad_year), period_kind="school_year"
    )
    found = evidence_of(draw(material.panel, HEADLINE, sample=999).test(), question, sign_reversed=False, stopped=None)
    return judge(found).step, found.low95 <= effect <= found.high95


@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_small_worlds_are_told_truthfully(memory):
    nothing, good, harm = (simulate(12, effect=e, memory=memory, sample=199) for e in (0.0, 0.04, -0.04))
    assert nothing.share(*POSITIVE) == 0
    assert nothing.naive > (0.5 if memory == 0 else 0.2)
    assert good.share(*POSITIVE) >= 0.8
    assert harm.share(Step.AGAINST) >= 0.8
    assert good.share(Step.AGAINST) == harm.share(*POSITIVE) == 0


@pytest.mark.soak
@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_worlds_are_told_truthfully(memory):
    cells = [(after_bad_year, effect) for after_bad_year in (True, False) for effect in (0.0, 0.04, -0.04)]
    results = {(a, e): simulate(200, effect=e, memory=memory, after_bad_year=a) for a, e in cells}
    for (after_bad_year, effect), result in results.items():
        print(f"AR {memory}, {'after a bad year' if after_bad_year else 'at random'}, effect {effect:+.0%}: {result}")
    for after_bad_year in (True, False):
        assert results[after_bad_year, 0.0].share(*POSITIVE) <= 0.05
        assert results[after_bad_year, 0.04].share(*POSITIVE) >= 0.8
        assert results[after_bad_year, -0.04].share(Step.AGAINST) >= 0.8
    assert np.mean([r.coverage for r in results.values()]) >= 0.93
    assert results[True, 0.0].bias <= 0
    assert abs(results[False, 0.0].bias) <= 0.0025  # three standard errors of 200 worlds
    assert results[True, 0.0].naive > (0.5 if memory == 0 else 0.4)


@pytest.mark.soak
@pytest.mark.parametrize("memory", [0.0, 0.5])
@pytest.mark.parametrize("after_bad_year", [True, False])
@pytest.mark.parametrize("effect", [0.0, 0.04, -0.04])
def test_intervals_hold_the_truth_in_a_thousand_worlds(memory, after_bad_year, effect):
    found = [headline(seed, effect=effect, memory=memory, after_bad_year=after_bad_year) for seed in range(1000)]
    steps = Counter(step for step, _ in found)
    assert np.mean([held for _, held in found]) >= 0.93
    if effect == 0:
        assert (steps[Step.FOR] + steps[Step.STRONGLY_FOR]) / len(found) <= 0.05
        assert steps[Step.AGAINST] / len(found) <= 0.05
