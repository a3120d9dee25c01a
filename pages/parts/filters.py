"""The filters pages share: what the release can answer, in the words of the glossary, and never a choice of one."""

from __future__ import annotations

from typing import Any

import streamlit as st

from metrics.present import numbers
from metrics.present.figures import Figures
from metrics.vocabulary import ALL, PROVIDERS, STAGES
from pages.parts.view import View


def school_year(view: View, figures: Figures, where: Any = st, *, years: list[str] | None = None) -> str:
    """The school year; the newest of the release unless `years` says which there are."""
    found = figures.school_years() if years is None else years
    return view.choose("lasar", "Läsår", {year: year for year in found}, found[0], where)


def provider(view: View, figures: Figures, where: Any = st, *, indicator: str = "") -> str:
    """All schools, municipal or independent ones, as far as the release publishes them."""
    found = {code: PROVIDERS[code] for code in figures.options("provider", indicator=indicator)}
    found = found or {ALL: PROVIDERS[ALL]}
    first = figures.main_provider if figures.main_provider in found else next(iter(found))
    return view.choose("huvudman", "Huvudman", found, first, where)


def stage(view: View, figures: Figures, where: Any = st, *, indicator: str = "") -> str:
    """The stage where there are several; otherwise the only one, without a box."""
    published = figures.options("stage", indicator=indicator)
    found = {code: label for code, label in STAGES.items() if code in published}
    found = found or {ALL: STAGES[ALL]}
    if len(found) == 1:
        return view.fix("stadium", next(iter(found)))
    return view.choose("stadium", "Stadium", found, next(iter(found)), where)


def benchmark(view: View, figures: Figures, where: Any = st) -> str:
    """What members are compared with."""
    found = benchmarks(figures)
    return view.choose("jamfor", "Jämför med", found, next(iter(found)), where)


def benchmarks(figures: Figures) -> dict[str, str]:
    """The benchmarks this release can offer, in the words of its region."""
    region = figures.region_name
    found = {"rest_of_region": f"Övriga {region}", "region": f"{region} som helhet"}
    if len(figures.release.member_names) < 2:
        found = {}
    return found | {"nation": "Riket (officiell statistik)"}


def member(view: View, figures: Figures, where: Any = st) -> str:
    """One member of the region."""
    found = {name: name for name in sorted(figures.release.member_names, key=numbers.order)}
    return view.choose("kommun", "Kommun", found, next(iter(found)), where)


def indicator(view: View, figures: Figures, where: Any = st) -> str:
    """One indicator of the release, by its short title."""
    found = {name: each.short_title for name, each in figures.definitions.items() if figures.all_series(name)}
    return view.choose("indikator", "Mått", found, next(iter(found)), where)
