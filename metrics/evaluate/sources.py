"""What an evaluation reads from the vault: outcomes per unit and year, and the register's starts. True sums, desk side only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts
from metrics.compute import unit_panel
from metrics.declare import Indicator
from metrics.evaluate.by_year import build_by_year
from metrics.values import DIMENSION_COLUMNS
from metrics.vocabulary import Region, parse_period, spring_of

REGISTRATION = {"attendance": "reporting_rate"}
"""Per population family: the indicator that tells how much is recorded at all."""
METHODS = {
    "attendance": """
        SELECT
            coalesce(unit_lineage.lineage, attendance_terms.school_unit) AS unit,
            attendance_terms.school_year,
            string_agg(DISTINCT attendance_terms.method, '|' ORDER BY attendance_terms.method) AS method
        FROM attendance_terms
        LEFT JOIN unit_lineage
            ON unit_lineage.school_unit = attendance_terms.school_unit
        GROUP BY
            coalesce(unit_lineage.lineage, attendance_terms.school_unit),
            attendance_terms.school_year
    """
}
"""Per population family: how each unit's outcome was measured each school year, where methods differ in level."""
KNOWN_BACKGROUND = 0.8
"""Share of the pupils whose background must be known for it to serve as an outcome that no model can change."""
SAME_SPELL_DAYS = 120
TERMS = 2
REGISTER_COLUMNS = (
    "instance",
    "model_type",
    "municipality",
    "school_unit",
    "started",
    "ended",
    "start_precision",
    "decided_by",
    "planned_posts",
    "filled_posts",
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An indicator, perhaps of one stage only, as an outcome to evaluate."""

    indicator: Indicator
    stage: str = "all"

    @property
    def by_school(self) -> bool:
        """Whether units are schools; an outcome seen from the home municipality has municipalities for units."""
        return self.indicator.perspective == "school_municipality"

    @property
    def period_kind(self) -> str:
        """The years that starts are counted in: terms are joined to school years, half-years to calendar years."""
        return "school_year" if self.indicator.period_kind in ("school_year", "term") else "calendar_year"

    @property
    def scale(self) -> float:
        """What a value of the panel is multiplied by to be in the indicator's unit."""
        return {"mean": 1.0, "per_1000": 1000.0}.get(self.indicator.unit, 100.0)

    def year(self, label: str) -> int:
        """The spring of the school year, or the calendar year, that a period's label belongs to."""
        period = parse_period(label, self.indicator.period_kind)
        return spring_of(period.school_year) if self.period_kind == "school_year" else period.end.year


@dataclass(frozen=True, kw_only=True)
class Register:
    """One model type's rows of the register with the code each school is followed under, and every model set by unit.

    rows: REGISTER_COLUMNS and unit. others: unit, year, models (joined with "|"), the whole set of the unit.
    """

    model: str
    rows: pd.DataFrame
    others: pd.DataFrame
    providers: tuple[str, ...]


def read_register(connection: engine.Connection, catalogue: Catalogue, model: str) -> Register:
    """The register of one model type."""
    build_cohorts(connection, catalogue, ["unit_lineage school_models units_by_year"])
    rows = engine.frame(
        connection,
        f"""
        SELECT
            {", ".join(f"register.{name}" for name in REGISTER_COLUMNS)},
            coalesce(unit_lineage.lineage, register.school_unit) AS unit,
            school_units.provider
        FROM collaboration_register AS register
        LEFT JOIN unit_lineage
            ON unit_lineage.school_unit = register.school_unit
        LEFT JOIN school_units
            ON school_units.school_unit = register.school_unit
        WHERE register.model_type = ?
        ORDER BY
            unit,
            register.started,
            register.instance
        """,
        [model],
    )
    providers = tuple(sorted(str(each) for each in rows.provider.dropna().unique()))
    return Register(model=model, rows=rows, others=_model_sets(connection), providers=providers)


def _model_sets(connection: engine.Connection) -> pd.DataFrame:
    found = engine.frame(
        connection,
        """
        SELECT
            coalesce(unit_lineage.lineage, school_models.school_unit) AS unit,
            school_models.school_year,
            string_agg(school_models.models, '|' ORDER BY school_models.models) AS models
        FROM school_models
        LEFT JOIN unit_lineage
            ON unit_lineage.school_unit = school_models.school_unit
        GROUP BY
            coalesce(unit_lineage.lineage, school_models.school_unit),
            school_models.school_year
        ORDER BY
            unit,
            school_models.school_year
        """,
    )
    return found.assign(year=[spring_of(each) for each in found.school_year]).drop(columns="school_year")


def starts_of(register: Register, *, by_school: bool, municipality: str = "") -> pd.DataFrame:
    """One row per unit as evaluate's design reads them; municipalities are units where the outcome is seen from home.

    Rows of a school under successive codes, and of instances that follow on each other, are one spell; a later spell
    is left out. A municipality in which a school decided is in neither group: its start is unclear.
    """
    rows = register.rows[register.rows.municipality.eq(municipality) | (municipality == "")]
    if not by_school:
        rows = rows.assign(unit=rows.municipality)
    return pd.DataFrame(
        [_spell(unit, part, by_school) for unit, part in rows.groupby("unit", sort=True)],
        columns=["unit", "started", "ended", "start_precision", "decided_by", "planned_posts", "filled_posts"],
    )


def _spell(unit: object, rows: pd.DataFrame, by_school: bool) -> dict[str, object]:
    """The first unbroken time with the model."""
    dated = rows.assign(started=pd.to_datetime(rows.started), ended=pd.to_datetime(rows.ended)).sort_values("started")
    ended = dated.ended.iloc[0]
    for began, stopped in zip(dated.started, dated.ended, strict=True):
        if pd.isna(ended) or began > ended + pd.Timedelta(days=SAME_SPELL_DAYS):
            break
        ended = pd.NaT if pd.isna(stopped) else max(ended, stopped)
    first = dated.iloc[0]
    whole = by_school or set(dated.decided_by) == {"municipality"}
    staffed = dated.drop_duplicates("instance")
    return {
        "unit": unit,
        "started": first.started,
        "ended": ended,
        "start_precision": first.start_precision if whole else "unknown",
        "decided_by": first.decided_by,
        "planned_posts": staffed.planned_posts.sum(min_count=1),
        "filled_posts": staffed.filled_posts.sum(min_count=1),
    }


@dataclass(frozen=True, kw_only=True)
class Panels:
    """The vault as evaluations read it: what several plans ask for is read once."""

    connection: engine.Connection
    catalogue: Catalogue
    _found: dict[str, pd.DataFrame] = field(default_factory=dict)

    def of(self, indicator: Indicator) -> pd.DataFrame:
        """As compute.unit_panel."""
        key = f"{indicator.perspective} {indicator.sql}"
        if key not in self._found:
            catalogue = build_by_year(self.connection, self.catalogue, indicator.sql)
            self._found[key] = unit_panel(self.connection, catalogue, indicator)
        return self._found[key]

    def methods(self, population: str) -> pd.DataFrame:
        """How each unit's outcome was measured each school year; for families of METHODS whose panel has been read."""
        if population not in self._found:
            self._found[population] = engine.frame(self.connection, METHODS[population])
        return self._found[population]


def panel_rows(panels: Panels, outcome: Outcome, register: Register, region: Region) -> pd.DataFrame:
    """Rows as evaluate takes them: unit, cluster, period and the outcome, with what its checks need where it is there.

    Only schools of providers that have the model: a municipality's own decision is not compared with other providers.
    """
    where = _where(outcome, register)
    rows = _yearly(_read(panels, outcome, where), outcome)
    rows = rows[rows.cluster.isin(region.codes)]
    if outcome.indicator.population in METHODS:
        rows = _same_method(rows, panels.methods(outcome.indicator.population))
    rows = _as_outcome(rows, outcome)
    for name, values in _beside(panels, outcome, where):
        rows = rows.merge(values.rename(columns={"value": name}), on=["unit", "period"], how="left")
    return _with_other_models(rows, register) if outcome.by_school else rows


def _where(outcome: Outcome, register: Register) -> str:
    """The condition on the rows: values come from the vocabulary and the register's own codes."""
    parts = []
    if outcome.stage != "all":
        parts.append(f"stage = {_quoted(outcome.stage)}")
    if outcome.by_school and register.providers:
        parts.append(f"provider IN ({', '.join(_quoted(each) for each in register.providers)})")
    return " AND ".join(parts) or "TRUE"


def _quoted(code: str) -> str:
    """A code as an SQL text; nothing but letters, figures, _ and - is let in."""
    if not re.fullmatch(r"[\w-]+", code):
        raise ValueError(f"a code has letters, figures, _ and - only, got: {code!r}")
    return f"'{code}'"


def _narrowed(indicator: Indicator, where: str, numerator: str, denominator: str) -> Indicator:
    """The indicator with some of its rows and another quotient over them."""
    columns = ", ".join(("period", "contributors", "school_unit", *DIMENSION_COLUMNS))
    sql = f"SELECT {columns}, {numerator} AS numerator, {denominator} AS denominator FROM ({indicator.sql}) AS narrowed WHERE {where}"
    return replace(indicator, sql=sql)


def _quotient(indicator: Indicator) -> tuple[str, str]:
    weight = "CASE WHEN denominator > 0 THEN weight ELSE 0 END"
    return "numerator", weight if indicator.ratio else "coalesce(denominator, 0)"


def _read(panels: Panels, outcome: Outcome, where: str, quotient: tuple[str, str] | None = None) -> pd.DataFrame:
    found = panels.of(_narrowed(outcome.indicator, where, *(quotient or _quotient(outcome.indicator))))
    return found if outcome.by_school else found.assign(unit=found.cluster)


def _yearly(found: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Periods joined to years; a year of which a part is missing falls away, and terms are averaged.

    A unit belongs to the municipality it lay in last.
    """
    found = found[(found.cluster != "") & (found.denominator > 0)].copy()
    found["year"] = [outcome.year(label) for label in found.period]
    parts = found.groupby("year").period.nunique()
    whole = max(parts.max(), TERMS) if outcome.indicator.period_kind in ("term", "half_year") else 1
    last = found.sort_values("year").drop_duplicates("unit", keep="last").set_index("unit").cluster
    sums = found.groupby(["unit", "year"], as_index=False).agg(
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        contributors=("contributors", "max"),
        parts=("period", "nunique"),
    )
    sums = sums[sums.parts == whole].rename(columns={"year": "period"})
    sums[["numerator", "denominator"]] = sums[["numerator", "denominator"]] / whole
    return sums.assign(cluster=sums.unit.map(last)).drop(columns="parts").reset_index(drop=True)


def _same_method(rows: pd.DataFrame, methods: pd.DataFrame) -> pd.DataFrame:
    """Only the years measured as the unit's newest one: a change of method is a break, never an effect."""
    told = methods.assign(period=[spring_of(each) for each in methods.school_year]).drop(columns="school_year")
    joined = rows.merge(told, on=["unit", "period"], how="left")
    newest = joined.sort_values("period").drop_duplicates("unit", keep="last").set_index("unit").method
    return joined[joined.method == joined.unit.map(newest)].drop(columns="method").reset_index(drop=True)


def _as_outcome(rows: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Shares of pupils as numerator and denominator, everything else as a value and a number of pupils."""
    if outcome.indicator.unit in ("mean", "per_1000") or outcome.indicator.ratio:
        value = rows.numerator / rows.denominator
        return rows.assign(value=value, weight=rows.contributors).drop(columns=["numerator", "denominator"])
    return rows


def _beside(panels: Panels, outcome: Outcome, where: str) -> Iterable[tuple[str, pd.DataFrame]]:
    """Composition (which no model can change), how much is recorded, and how many could be followed."""
    known = "CASE WHEN denominator > 0 AND foreign_background IN ('foreign', 'swedish') THEN 1 ELSE 0 END"
    foreign = "CASE WHEN foreign_background = 'foreign' THEN 1 ELSE 0 END"
    everyone = _read(panels, outcome, where, (foreign, "1")).denominator.sum()
    mixed = _read(panels, outcome, where, (foreign, known))
    if everyone and mixed.denominator.sum() >= KNOWN_BACKGROUND * everyone:
        yield "placebo", _values(mixed, outcome)
    if outcome.indicator.population in REGISTRATION:
        recorded = replace(outcome, indicator=panels.catalogue.indicators[REGISTRATION[outcome.indicator.population]])
        yield "registration", _values(_read(panels, recorded, where), outcome)
    if outcome.indicator.censored:
        yield "followed", _values(_read(panels, outcome, where, ("observed", "1")), outcome)


def _values(found: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    rows = _yearly(found, outcome)
    return pd.DataFrame({"unit": rows.unit, "period": rows.period, "value": rows.numerator / rows.denominator})


def _with_other_models(rows: pd.DataFrame, register: Register) -> pd.DataFrame:
    """The set of models besides the one evaluated, per unit and year."""
    sets = register.others.rename(columns={"year": "period"})
    joined = rows.merge(sets, on=["unit", "period"], how="left")
    others = [_without(models, register.model) for models in joined.models.fillna("")]
    return joined.drop(columns="models").assign(other_models=others)


def _without(models: str, model: str) -> str:
    return "|".join(sorted({each for each in models.split("|") if each and each != model}))
