"""A sum that somebody has, or is told, without a row of the tables: bounds on a number of pupils."""

from dataclasses import dataclass
from typing import Literal

from metrics.vocabulary import ALL

Part = Literal["denominator", "numerator", "remainder"]


@dataclass(frozen=True, kw_only=True)
class KnownSum:
    """Bounds on a count of pupils in one area: denominator, numerator or remainder of an indicator.

    `area` is as in the long table (a member's or the region's name), and so is `model`, or "set:" before a set of models.
    `school`: the school unit's code, where the bounds are of one; then `area` is empty.
    """

    period: str
    indicator: str
    area: str
    sex: str
    part: Part
    low: float
    high: float
    provider: str = ALL
    stage: str = ALL
    model: str = ALL
    school: str = ""
