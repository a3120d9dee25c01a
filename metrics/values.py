"""The values that travel: counts inside the desk, published values outside it, and who is asking."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd


class Status(enum.StrEnum):
    """What a published value is. `hidden` is one status: why a cell is hidden would itself narrow it."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    NOT_YET_OBSERVABLE = "not_yet_observable"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    NOT_COMPARABLE = "not_comparable"


STATUS_TEXT: Mapping[Status, str] = {
    Status.SHOWN: "",
    Status.HIDDEN: "dold för att skydda enskilda",
    Status.NOT_YET_OBSERVABLE: "kan inte observeras ännu",
    Status.MISSING: "inte inlämnad",
    Status.NOT_APPLICABLE: "inte aktuell",
    Status.NOT_COMPARABLE: "inte jämförbar",
}

KEY_COLUMNS: tuple[str, ...] = (
    "indicator",
    "series",
    "area_type",
    "area",
    "perspective",
    "provider",
    "stage",
    "model",
    "sex",
    "background",
    "period_kind",
    "period_from",
    "period_to",
    "school_year",
)
NUMBER_COLUMNS: tuple[str, ...] = ("numerator", "denominator", "value", "low", "high")
LONG_COLUMNS: tuple[str, ...] = (*KEY_COLUMNS, *NUMBER_COLUMNS, "status", "mark", "definition_version", "release")


class Role(enum.StrEnum):
    """What a principal may do; see `Principal.require`."""

    READER = "reader"
    SCHOOL_READER = "school_reader"
    DELIVERER = "deliverer"
    COORDINATOR = "coordinator"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    DATA_PROTECTION = "data_protection"


ROLE_TEXT: Mapping[Role, str] = {
    Role.READER: "läsare",
    Role.SCHOOL_READER: "läsare på skolnivå",
    Role.DELIVERER: "uppgiftslämnare",
    Role.COORDINATOR: "samordnare",
    Role.REVIEWER: "granskare",
    Role.PUBLISHER: "utgivare",
    Role.DATA_PROTECTION: "dataskyddsansvarig",
}


class NotAllowedError(PermissionError):
    """The principal lacks the role, or acts for another organisation; the message is Swedish."""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Who is asking: subject, roles and the organisation it acts for ("*" = any, the local identity)."""

    subject: str
    roles: frozenset[Role]
    organisation: str

    @property
    def sees_everybody(self) -> bool:
        """Whether deliveries of every organisation may be listed, and not only its own."""
        return self.organisation == "*" or bool(self.roles & {Role.PUBLISHER, Role.DATA_PROTECTION})

    def require(self, role: Role, organisation: str | None = None) -> None:
        """Raise NotAllowedError unless the principal has `role` and may act for `organisation`."""
        if role not in self.roles:
            raise NotAllowedError(f"{self.subject} saknar behörighet som {ROLE_TEXT[role]}.")
        if organisation is not None and self.organisation not in ("*", organisation):
            raise NotAllowedError(f"{self.subject} får inte handla för {organisation}.")


LOCAL_PRINCIPAL = Principal(subject="lokal", roles=frozenset(Role), organisation="*")
"""The development identity on loopback, until login arrives: every role, any organisation."""


DIMENSION_COLUMNS: tuple[str, ...] = (
    "school_municipality",
    "home_municipality",
    "provider",
    "stage",
    "models",
    "sex",
    "foreign_background",
    "parents_education",
    "newly_arrived",
)
"""The dimension columns of `Counts.inner`, in this order. `models` is the school's set of model types that
period, sorted and joined with "|" ("" = none); municipalities are four-digit codes ("" = unknown)."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """True counts of one population family, all its periods: never leaves the desk.

    `inner`: one row per period x dimension values x observed outcome pattern, with columns
      - `period` (Period.label) and DIMENSION_COLUMNS,
      - `contributors` (int > 0): distinct pupils in the row,
      - `school_first`, `school_last`: smallest and largest school unit code in the row (one school is the
        whole group exactly when min(school_first) == max(school_last) over the group's rows),
      - per indicator NAME of the family: `NAME__denominator` (0/1: these pupils are in its denominator) and
        for shares, incidence and flows `NAME__numerator` (0/1: the pattern). For means and ratios of
        magnitudes instead `NAME__sum` (sum of the magnitude over the row's pupils), `NAME__sum_squares`,
        `NAME__largest` (largest single pupil) and for ratios `NAME__weight` (sum of the magnitude's
        denominator, e.g. offered minutes).
    `missing`: rows (period, municipality code, provider) that should have been delivered and were not.
    `main_provider`: the provider ("all" or "municipal") that every cut without a provider of its own is for.
    `not_yet`: rows (period, indicator) whose outcome cannot be observed yet.
    `not_comparable`: rows (period, municipality, indicator) that must not be compared, by declared rule.
    """

    population: str
    period_kind: str
    inner: pd.DataFrame
    missing: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["period", "municipality", "provider"]))
    not_yet: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["period", "indicator"]))
    not_comparable: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["period", "municipality", "indicator"])
    )
    main_provider: str = "all"

    @property
    def periods(self) -> list[str]:
        return sorted(self.inner["period"].unique())


@dataclass(frozen=True, kw_only=True)
class Published:
    """Values that have passed the gate, one row per key of the long table (LONG_COLUMNS without `release`).

    Constructed in protect/ and rebuilt in release/read.py, nowhere else. A row whose status is not `shown` holds
    no number, except that an official `~100` keeps its stated bounds.
    """

    values: pd.DataFrame

    def __post_init__(self) -> None:
        absent = [name for name in LONG_COLUMNS if name not in self.values.columns]
        if absent:
            raise ValueError(f"published values have every column of the long table, got: {absent} absent")
        keys = self.values.loc[:, list(KEY_COLUMNS)]
        if keys.isna().to_numpy().any():
            raise ValueError("a published key has no empty part, got: an empty one")
        if keys.duplicated().any():
            raise ValueError(f"a published key stands once, got: {int(keys.duplicated().sum())} repeated")
        unknown = set(self.values["status"].unique()) - {str(status) for status in Status}
        if unknown:
            raise ValueError(f"a status is one of Status, got: {sorted(unknown)}")
        silent = self.values["status"] != Status.SHOWN
        if self.values.loc[silent, list(NUMBER_COLUMNS)].notna().to_numpy().any():
            raise ValueError("a value that is not shown holds no number, got: one that does")

    @staticmethod
    def columns() -> Sequence[str]:
        return LONG_COLUMNS
