"""Which school has which model which school year: gaps, overlaps, and how many schools are covered."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import chain
from typing import Any

from metrics.models import words
from metrics.present import html, numbers
from metrics.present.figures import Figures, lately, once
from metrics.present.models import SHORT, TITLES, ModelsView
from metrics.vocabulary import ALL, STAGES, school_year

STAGES_COVERED = ("F-3", "4-6", "7-9")
YEARS_AT_MOST = 6
NOTHING = "–"
RULE = "En modell räknas till ett läsår när den finns vid skolan senast den 30 september och läsåret ut."


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A school unit and the models it has, per school year in which its code is valid."""

    code: str
    name: str
    municipality: str
    provider: str
    models: Mapping[str, tuple[str, ...]]

    @functools.cached_property
    def place(self) -> tuple[tuple[int, ...], tuple[int, ...], str]:
        """Where it stands in a table."""
        return numbers.order(self.municipality), numbers.order(self.name), self.code

    @functools.cached_property
    def has(self) -> tuple[tuple[str, int], ...]:
        """How many models it has per school year: none, one, or 2 for several."""
        return tuple((year, min(2, len(models))) for year, models in self.models.items())


def years(figures: Figures) -> list[str]:
    """The newest school years, oldest first."""
    return sorted(figures.school_years())[-YEARS_AT_MOST:]


@once
def _listed(figures: Figures) -> list[tuple[Unit, set[str]]]:
    """Every school unit of the release with all its models, in the newest school years in which its code is valid, and
    its stages."""
    there, placed = years(figures), _placed(figures)
    return [(_unit(row, there, placed), set(words.parts(row["stages"]))) for row in _rows(figures)]


def _rows(figures: Figures) -> list[dict[Any, Any]]:
    return figures.release.tables["school_units"].to_dict("records")


def _unit(row: Mapping[Any, Any], there: Sequence[str], placed: Mapping[tuple[str, str], tuple[str, ...]]) -> Unit:
    code = str(row["school_unit"])
    return Unit(
        code=code,
        name=str(row["unit_name"]),
        municipality=str(row["municipality"]),
        provider=str(row["provider"]),
        models={year: placed.get((code, year), ()) for year in there if _valid(row, year)},
    )


@once
def _placed(figures: Figures) -> dict[tuple[str, str], tuple[str, ...]]:
    """The models of a school unit in a school year."""
    rows = figures.release.tables["school_models"][["school_unit", "school_year", "models"]]
    return {
        (str(unit), str(year)): tuple(words.parts(models))
        for unit, year, models in rows.itertuples(index=False, name=None)
    }


@lately
def units(figures: Figures, view: ModelsView, stage: str) -> list[Unit]:
    """The school units of the view that have the stage, with their models; those without any are the gaps."""
    asked, found = set(STAGES_COVERED if stage == ALL else (stage,)), dict[str, Unit]()
    for each, stages in _listed(figures):
        if (view.whole or each.municipality == view.area) and stages & asked:
            before = found.get(each.code)
            found[each.code] = replace(each, models={**before.models, **each.models}) if before else each
    seen = [_only(each, view.model) for each in found.values() if each.models]
    return sorted(seen, key=lambda each: each.place)


def _valid(row: Mapping[Any, Any], year: str) -> bool:
    period = school_year(year)
    until = str(row["valid_to"] or "9999")
    return str(row["valid_from"]) <= period.end.isoformat() and until >= f"{period.end.year}-05-31"


def _only(unit: Unit, wanted: str) -> Unit:
    """The unit with no other model than that."""
    if wanted == ALL:
        return unit
    return replace(unit, models={year: tuple(m for m in models if m == wanted) for year, models in unit.models.items()})


def cell(unit: Unit, year: str) -> str:
    """What stands in the table: the models, a dash for a gap, nothing where the code is not valid."""
    if year not in unit.models:
        return ""
    return " + ".join(SHORT.get(each, each) for each in unit.models[year]) or NOTHING


def unit_rows(found: Sequence[Unit], shown: Sequence[str], *, member: bool) -> list[list[str]]:
    return [
        [each.name, *([each.municipality] if member else []), *(cell(each, year) for year in shown)] for each in found
    ]


def member_rows(found: Sequence[Unit], shown: Sequence[str]) -> list[list[str]]:
    """Per member and school year: how many of its schools have a model, and how many have several."""
    own: dict[str, list[Unit]] = {}
    for each in found:
        own.setdefault(each.municipality, []).append(each)
    rows = []
    for member in sorted(own, key=numbers.order):
        has = Counter(chain.from_iterable(each.has for each in own[member]))
        rows.append([member, *(_counted(has, year) for year in shown)])
    return rows


def _counted(has: Counter[tuple[str, int]], year: str) -> str:
    none, one, several = has[year, 0], has[year, 1], has[year, 2]
    if not none + one + several:
        return ""
    said = f"{one + several} av {none + one + several}"
    return f"{said} ({several} med flera)" if several else said


def sentence(found: Sequence[Unit], year: str, stage: str = ALL) -> str:
    """Gaps and overlaps in the newest year; of the units with one stage it says so."""
    there = [each.models[year] for each in found if year in each.models]
    if not there:
        return "Utgåvan har inga skolenheter med det stadiet."
    has, several = sum(bool(models) for models in there), sum(len(models) > 1 for models in there)
    of = "" if stage == ALL else f" med {numbers.small(STAGES[stage])}"
    said = f"Läsåret {year} har **{numbers.out_of(has, len(there))}** skolenheter{of} minst en modell"
    said += f", {numbers.counted(several, 'av dem', 'av dem')} flera." if several else "."
    gap = len(there) - has
    return f"{said} {numbers.capital(numbers.counted(gap, 'skolenhet', 'skolenheter'))} har ingen." if gap else said


def _together(found: Sequence[Unit], year: str) -> Counter[tuple[str, ...]]:
    """How many schools have exactly these models."""
    return Counter(each.models[year] for each in found if year in each.models)


def by_model(found: Sequence[Unit], year: str) -> list[list[str]]:
    """Schools per model; a school with two models stands under both and once in the total."""
    there = _together(found, year)
    each_model: Counter[str] = Counter()
    for models, number in there.items():
        each_model.update(dict.fromkeys(models, number))
    rows = [[TITLES[model], numbers.count(each_model[model])] for model in TITLES if each_model[model]]
    rows.append(["Ingen modell", numbers.count(there[()])])
    return [*rows, ["Alla skolenheter, varje enhet en gång", numbers.count(there.total())]]


def by_combination(found: Sequence[Unit], year: str) -> list[list[str]]:
    """Schools with several models, per combination, the most common first; they are in `by_model` under each of them."""
    several = {models: number for models, number in _together(found, year).items() if len(models) > 1}
    return [
        [" + ".join(SHORT.get(each, each) for each in models), numbers.count(several[models])]
        for models in sorted(several, key=lambda each: (-several[each], each))
    ]


def grid(caption: str, found: Sequence[Unit], shown: Sequence[str]) -> str:
    """Schools x school years as a table where gaps and overlaps also differ in look; the rest of many one click below."""
    return html.in_two(found, lambda some, name: _grid(name, some, shown), caption)


def _grid(caption: str, found: Sequence[Unit], shown: Sequence[str]) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in ("Skolenhet", *shown))
    rows = "".join(
        f'<tr><th scope="row">{escape(each.name)}</th>{"".join(_marked(each, year) for year in shown)}</tr>'
        for each in found
    )
    return (
        f'<div class="sy-scroll" tabindex="0" role="group" aria-label="{escape(caption)}">'
        f'<table class="sy-table sy-grid"><caption class="sy-sr">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _marked(unit: Unit, year: str) -> str:
    kind = "" if year not in unit.models else ("gap", "one", "many")[min(2, len(unit.models[year]))]
    return f'<td class="{kind}">{escape(cell(unit, year))}</td>' if kind else "<td></td>"


def key() -> str:
    """What the look of a cell means."""
    return html.paragraphs(
        f"{NOTHING} = ingen modell. Flera modeller med + emellan står i egen ton. Tom ruta: enhetens kod gällde inte. {RULE}"
    )
