"""A declared result of a model asked of the vault: what is read, the question as it is put, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.declare import ExpectedResult
from metrics.evaluate.evaluation import Evaluation, Question, evaluate
from metrics.evaluate.material import Material, prepare
from metrics.evaluate.sources import Outcome, Panels, Register, panel_rows, read_register, starts_of
from metrics.vocabulary import Region

Lacking = Literal["", "no_start", "no_outcome"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A result that is expected or feared of a model, and the day from which the declaration counts.

    `registered` False: nobody declared it; it was asked afterwards.
    """

    model: str
    expected: ExpectedResult
    counts_from: date
    registered: bool = True

    @property
    def hash(self) -> str:
        """What tells this plan from every other: SHA-256 over the model and all that is declared."""
        return self.expected.content_hash(self.model)

    @property
    def polarity(self) -> str:
        """Which way is better: the expected way, or the opposite of the feared one."""
        more_is_better = (self.expected.direction == "increase") == self.expected.intended
        return "higher_is_better" if more_is_better else "lower_is_better"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A plan with the rows and starts it is answered from."""

    plan: Plan
    outcome: Outcome
    rows: pd.DataFrame
    starts: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came of a plan: an evaluation, or what is lacking for one.

    years: first and last year of the panel. first: the earliest year 0. before: declared before the outcome was known.
    """

    plan: Plan
    outcome: Outcome
    evaluation: Evaluation | None = None
    lacking: Lacking = ""
    years: tuple[int, int] | None = None
    first: int | None = None
    before: bool = False


def ask(connection: engine.Connection, catalogue: Catalogue, region: Region, plans: list[Plan]) -> Iterator[Asked]:
    """The plans with their rows and starts, read from the vault; true sums, desk side only."""
    registers: dict[str, Register] = {}
    panels = Panels(connection=connection, catalogue=catalogue)
    for plan in plans:
        if plan.model not in registers:
            registers[plan.model] = read_register(connection, catalogue, plan.model)
        register = registers[plan.model]
        outcome = Outcome(indicator=catalogue.indicators[plan.expected.indicator], stage=plan.expected.stage)
        rows = pd.DataFrame() if register.rows.empty else panel_rows(panels, outcome, register, region)
        starts = starts_of(register, by_school=outcome.by_school)
        yield Asked(plan=plan, outcome=outcome, rows=rows, starts=starts)


def answer(asked: Asked) -> Answer:
    """Evaluate a plan, or say what is lacking."""
    plan, outcome = asked.plan, asked.outcome
    if asked.starts.empty:
        return Answer(plan=plan, outcome=outcome, lacking="no_start")
    if asked.rows.empty:
        return Answer(plan=plan, outcome=outcome, lacking="no_outcome")
    years = (int(asked.rows.period.min()), int(asked.rows.period.max()))
    if not set(asked.starts.unit) & set(asked.rows.unit):
        return Answer(plan=plan, outcome=outcome, lacking="no_start", years=years)
    first = _first(prepare(asked.rows, asked.starts, period_kind=outcome.period_kind))
    before = first is not None and plan.registered and plan.counts_from < known_from(outcome, first)
    return Answer(
        plan=plan, outcome=outcome, years=years, first=first, before=before,
        evaluation=evaluate(asked.rows, asked.starts, question_of(plan, outcome, first, before=before)),
    )  # fmt: skip


def question_of(plan: Plan, outcome: Outcome, first: int | None, *, before: bool) -> Question:
    """The plan as a question: the effect that matters is the region's, as a fraction; years from start become a year."""
    return Question(
        outcome=outcome.indicator.name,
        polarity=plan.polarity,
        matters=outcome.indicator.effect_that_matters / outcome.scale,
        declared_before=before,
        earliest_period=None if first is None else first + plan.expected.earliest_year,
        period_kind=outcome.period_kind,
    )


def known_from(outcome: Outcome, year: int) -> date:
    """The first day when something of this year's outcome can have been known: its first period is over."""
    halves = outcome.indicator.period_kind in ("term", "half_year")
    if outcome.period_kind == "school_year":
        return date(year - 1, 12, 31) if halves else date(year, 6, 30)
    return date(year, 6, 30) if halves else date(year, 12, 31)


def _first(material: Material) -> int | None:
    """The earliest year 0 among units with a start that can be used."""
    known = material.panel.first[np.isfinite(material.panel.first)]
    return int(known.min()) if known.size else None
