"""The verdict: a pure function of the evidence, exactly one step of the scale or the reason why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from metrics.stats import benjamini_hochberg


class Step(StrEnum):
    """The scale, and beside it the gate."""

    STRONGLY_FOR = "strongly_for"
    FOR = "for"
    NO_DIFFERENCE = "no_difference"
    AGAINST = "against"
    UNDECIDABLE = "undecidable"


class Reason(StrEnum):
    """Why nothing can be said, in the order they are asked."""

    EXISTED_BEFORE = "existed_before"
    UNCLEAR_START = "unclear_start"
    ONE_MUNICIPALITY = "one_municipality"
    TOO_EARLY = "too_early"
    CHANGED_REGISTRATION = "changed_registration"
    TOO_LITTLE = "too_little"
    TOO_UNCERTAIN = "too_uncertain"


WORDS = {
    Step.STRONGLY_FOR: "talar starkt för",
    Step.FOR: "talar för",
    Step.NO_DIFFERENCE: "ingen skillnad av betydelse",
    Step.AGAINST: "talar emot",
    Step.UNDECIDABLE: "kan inte avgöras",
    Reason.EXISTED_BEFORE: "fanns före första mätåret",
    Reason.UNCLEAR_START: "oklar start",
    Reason.ONE_MUNICIPALITY: "avgjordes av en kommun",
    Reason.TOO_EARLY: "för tidigt",
    Reason.CHANGED_REGISTRATION: "ändrad registrering",
    Reason.TOO_LITTLE: "underlaget räcker inte",
    Reason.TOO_UNCERTAIN: "osäkerheten är för stor",
}
POSITIVE = (Step.STRONGLY_FOR, Step.FOR)
DISCOVERY = 0.05
CLEAR_DISCOVERY = 0.01


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All a verdict rests on; estimate and limits are signed so that + is improvement, matters is the effect that matters.

    stopped: a reason known before any number. smallest: what the material could have shown. discovered and
    clearly_discovered: what false-discovery control over several outcomes left standing.
    """

    estimate: float = np.nan
    low95: float = -np.inf
    high95: float = np.inf
    low99: float = -np.inf
    high99: float = np.inf
    p: float = 1.0
    matters: float = 0.03
    smallest: float = np.inf
    declared_before: bool = False
    sign_reversed: bool = False
    stopped: Reason | None = None
    discovered: bool = True
    clearly_discovered: bool = True

    def __post_init__(self) -> None:
        if self.matters <= 0:
            raise ValueError(f"the effect that matters must be above 0, got: {self.matters}")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A step, its reason when undecidable, whether a late declaration held it down, and the words for it."""

    step: Step
    reason: Reason | None = None
    capped: bool = False

    @property
    def words(self) -> str:
        """The verdict as it is printed."""
        return WORDS[self.step] if self.reason is None else f"{WORDS[self.step]}: {WORDS[self.reason]}"


def judge(evidence: Evidence) -> Verdict:
    """The gate first, then the scale; a result that no step describes is too uncertain."""
    reason = evidence.stopped or (Reason.TOO_LITTLE if not evidence.smallest <= evidence.matters else None)
    if reason or np.isnan(evidence.estimate):
        return Verdict(step=Step.UNDECIDABLE, reason=reason or Reason.TOO_LITTLE)
    if evidence.low95 > 0 and evidence.discovered:
        return _positive(evidence)
    if evidence.high95 < 0 and evidence.discovered:
        return Verdict(step=Step.AGAINST)
    if -evidence.matters < evidence.low95 <= 0 <= evidence.high95 < evidence.matters:
        return Verdict(step=Step.NO_DIFFERENCE)
    return Verdict(step=Step.UNDECIDABLE, reason=Reason.TOO_UNCERTAIN)


def _positive(evidence: Evidence) -> Verdict:
    strong = (
        evidence.low99 > 0
        and evidence.estimate >= evidence.matters
        and not evidence.sign_reversed
        and evidence.clearly_discovered
    )
    if strong and evidence.declared_before:
        return Verdict(step=Step.STRONGLY_FOR)
    return Verdict(step=Step.FOR, capped=strong)


def judge_all(evidence: Sequence[Evidence]) -> list[Verdict]:
    """Verdicts of several outcomes of one model, false discovery held at 5 % (1 % for "starkt")."""
    p = [e.p if e.stopped is None else np.nan for e in evidence]
    found, clearly = benjamini_hochberg(p, DISCOVERY), benjamini_hochberg(p, CLEAR_DISCOVERY)
    return [
        judge(replace(e, discovered=bool(f), clearly_discovered=bool(c)))
        for e, f, c in zip(evidence, found, clearly, strict=True)
    ]
