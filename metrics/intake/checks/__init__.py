"""The catalogue of checks: every code with its stage, severity, sentence, advice, and a good and a bad file."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.intake.checks.cells import CELL_CHECKS
from metrics.intake.checks.columns import COLUMN_CHECKS
from metrics.intake.checks.declared import Check, Sample
from metrics.intake.checks.files import FILE_CHECKS
from metrics.intake.checks.official import OFFICIAL_CHECKS
from metrics.intake.checks.people import IDENTIFIER_CHECKS
from metrics.intake.checks.tables import TABLE_CHECKS

__all__ = ["CHECKS", "Check", "Sample"]

_ALL = (*FILE_CHECKS, *IDENTIFIER_CHECKS, *COLUMN_CHECKS, *CELL_CHECKS, *TABLE_CHECKS, *OFFICIAL_CHECKS)

CHECKS: Mapping[str, Check] = {check.code: check for check in _ALL}
"""Every check by code."""

if len(CHECKS) != len(_ALL):
    raise ValueError("a check's code stands once, got: one that is repeated")
