"""The filters pages share: what the release can answer, in the words of the glossary, and never a choice of one."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.present import counties, numbers
from metrics.present.figures import Figures
from metrics.present.indicator import REGION
from metrics.vocabulary import ALL, PROVIDERS, STAGES
from pages.parts.view import View

WHOLE = "alla"
PERIOD_LABELS = {"term": "Termin", "half_year": "Halvår", "calendar_year": "År"}


def school_year(view: View, figures: Figures, *, years: list[str] | None = None) -> str:
    """The school year; the newest of the release unless `years` says which there are."""
    found = figures.school_years() if years is None else years
    return view.choose("lasar", "Läsår", {year: year for year in found}, found[0])


def provider(view: View, figures: Figures, *, indicator: str = "") -> str:
    """All schools, municipal or independent ones, as far as the release publishes them."""
    found = {code: PROVIDERS[code] for code in figures.options("provider", indicator=indicator)}
    found = found or {ALL: PROVIDERS[ALL]}
    usual = figures.provider_of(indicator) if indicator else ALL
    first = usual if usual in found else next(iter(found))
    return view.choose("huvudman", "Huvudman", found, first)


def period(view: View, figures: Figures, indicator: str, stage: str) -> str:
    """The period of one indicator: a school year, a term or a calendar year; the newest with a value first."""
    there = [each.label for each in figures.periods(indicator, stage)] or figures.school_years()
    newest = figures.newest(indicator, stage)
    label = PERIOD_LABELS.get(figures.definitions[indicator].period_kind, "Läsår")
    chosen = newest.label if newest else there[0]
    return view.choose("period", label, {each: each for each in there}, chosen, also="lasar")


def newest_and_years(figures: Figures) -> dict[str, str]:
    """The newest period of each indicator, or one school year for all."""
    return {"": "Senaste"} | {year: year for year in figures.school_years()}


def stage(view: View, figures: Figures, *, indicator: str = "", whole: str = "") -> str:
    """The stage where there are several; otherwise the only one, without a box. `whole` always offers all stages."""
    published = figures.options("stage", indicator=indicator)
    found = {code: label for code, label in STAGES.items() if code in published}
    if whole and found:
        found = {ALL: whole} | found
    found = found or {ALL: STAGES[ALL]}
    if len(found) == 1:
        return view.fix("stadium", next(iter(found)))
    return view.choose("stadium", "Stadium", found, default_stage(found))


def default_stage(found: Mapping[str, str]) -> str:
    """The whole where it is published, otherwise years 7-9, otherwise the first."""
    return next((code for code in (ALL, "7-9") if code in found), next(iter(found)))


def benchmark(view: View, figures: Figures) -> str:
    """What members are compared with."""
    found = benchmarks(figures)
    return view.choose("jamfor", "Jämför med", found, next(iter(found)))


def benchmarks(figures: Figures) -> dict[str, str]:
    """The benchmarks this release can offer, in the words of its region."""
    region = figures.region_name
    found = {"rest_of_region": f"Övriga {region}", "region": f"{region} som helhet"}
    if len(figures.release.member_names) < 2:
        found = {}
    peers = {"peers": "Liknande kommuner"} if figures.has_peers else {}
    return found | {"nation": "Riket (officiellt)"} | peers


def county(view: View, figures: Figures) -> str:
    """Of a large region the county whose members are seen; "" is all of it, also where there is no such choice."""
    if not counties.large(figures):
        return ""
    found = {WHOLE: "Alla län"} | {code: counties.name(code) for code in counties.members(figures)}
    chosen = view.choose("lan", "Län", found, WHOLE)
    return "" if chosen == WHOLE else chosen


def county_of(view: View, figures: Figures, area: str) -> str:
    """As `county`, where a member may be chosen: it is seen among those of its county, and no other county is offered."""
    if area == REGION or not counties.large(figures):
        return county(view, figures)
    return counties.places(figures).get(area, "")


def member(view: View, figures: Figures) -> str:
    """One member of the region."""
    found = {name: name for name in sorted(figures.release.member_names, key=numbers.order)}
    return view.choose("kommun", "Kommun", found, next(iter(found)))


def indicator(view: View, figures: Figures) -> str:
    """One indicator of the release, by its short title."""
    there = [each for name, each in figures.definitions.items() if figures.has(name)]
    several = len({each.theme for each in there}) > 1
    found = {each.name: f"{each.theme}: {each.short_title}" if several else each.short_title for each in there}
    return view.choose("indikator", "Mått", found, next(iter(found)))


def area(view: View, figures: Figures, label: str = "Kommun", whole: str = "") -> str:
    """The whole region, where there is more than one member, or one member; `whole` is what the region is called."""
    members = figures.release.member_names
    found = {REGION: whole or f"Hela {figures.region_name}"} if len(members) > 1 else {}
    found |= {each: each for each in members}
    return view.choose("kommun", label, found, next(iter(found)))
