"""Which series stand as rows where many indicators are shown together: the leading ones, each by its own stage and period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics.present.figures import TOLD, Figure, Figures, Key, PeriodSeen, Verdict, lately, once
from metrics.release.read import Definition
from metrics.values import Status
from metrics.vocabulary import ALL, PROVIDERS

LEADING = (
    "eligibility_vocational",
    "all_subjects_passed",
    "merit_value_17",
    "year6_core_passed",
    "absence_10",
    "absence_20",
    "next_step_national",
    "diploma_within_4_years_all",
    "introductory_to_national_within_2_years",
    "work_or_study_after_2_years_with_diploma",
    "resource_centre_returned_within_2_terms",
    "decision_within_14_days_all",
    "investigation_closed_in_time",
    "feedback_to_school",
    "reported_again_within_12_months_all",
    "first_contact_within_30_days",
    "target_group_reached",
    "eligibility_known_to_social_services",
)
"""The indicators of the first page, one to three per theme. A theme without any of them leads with its first ones."""
LEADING_AT_MOST = 3
FEW = 12
"""A release with no more indicators than this shows them all."""
STAGE_NOTES = {
    "F-3": "F–3",
    "4-6": "åk 4–6",
    "7-9": "åk 7–9",
    "national_programme": "nationellt program",
    "introductory_programme": "introduktionsprogram",
    "adapted": "anpassad skola",
    "preschool": "förskola",
    "upper_secondary_age": "gymnasieålder",
    "stage_unknown": "okänt stadium",
}
ORDER = list(STAGE_NOTES)
STAGES_OF: Mapping[str, str] = {"year9_leavers": "7-9", "year6_pupils": "4-6"}
"""Populations that are of one stage without being cut by it."""
PERIOD_WORDS: Mapping[str, str] = {"upper_secondary_starters": "start", "upper_secondary_leavers": "slut"}
"""What the period of a population says, where it is not the time that is measured."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One indicator as a row: its provider, stage and period (and the day it `ends`), and what to note about them."""

    definition: Definition
    provider: str
    stage: str
    period: str
    note: str = ""
    ends: str = ""

    def key(self, area: str, *, area_type: str = "municipality", pooled: bool = False) -> Key:
        return Key(area=area, area_type=area_type, provider=self.provider, stage=self.stage, pooled=pooled)

    @property
    def title(self) -> str:
        return f"{self.definition.short_title}, {STAGE_NOTES[self.stage]}" if self.stage != ALL else self.plain

    @property
    def full_note(self) -> str:
        """The note with the period, for a row that stands without a heading that says it."""
        said = [self.note] if self.note else []
        return " · ".join(said if self.period in self.note else [*said, self.period])

    @property
    def plain(self) -> str:
        return self.definition.short_title


def leading(definitions: Sequence[Definition], theme: str = "") -> list[Definition]:
    """The indicators of a theme; without one, the leading indicators of every theme."""
    if theme:
        return [each for each in definitions if each.theme == theme]
    if len(definitions) <= FEW:
        return list(definitions)
    led = {each.theme for each in definitions if each.name in LEADING}
    found: list[Definition] = []
    for each in definitions:
        first = sum(other.theme == each.theme for other in found) < LEADING_AT_MOST
        if each.name in LEADING or (each.theme not in led and first):
            found.append(each)
    return found


def lines(
    figures: Figures, definitions: Sequence[Definition], *, provider: str, stage: str = ALL, period: str = ""
) -> list[Line]:
    """The rows of these indicators; `period` is a school year, or "" for the newest of each."""
    placed = [
        (each, of, at, seen)
        for each in definitions
        for of in [_provider(figures, each.name, provider)]
        for at in _stages(figures, each, stage)
        for seen in _seen(figures, each.name, at, period)
    ]
    main = _main([seen.label for *_, seen in placed])
    return [
        Line(
            definition=each,
            provider=of,
            stage=at,
            period=seen.label,
            ends=seen.period_to,
            note=_note(each, of, at, seen.label, main, provider),
        )
        for each, of, at, seen in placed
    ]


def main_period(found: Sequence[Line]) -> str:
    """The period most rows are of: a school year, unless fewer than a third of the rows are of one."""
    return _main([each.period for each in found])


def _main(periods: Sequence[str]) -> str:
    counted = Counter(periods)
    years = {each: size for each, size in counted.items() if "/" in each}
    best = max(years, key=lambda each: (years[each], each), default="")
    if best and 3 * years[best] >= len(periods):
        return best
    return max(counted, key=lambda each: (counted[each], each), default="")


def _provider(figures: Figures, indicator: str, wanted: str) -> str:
    """The wanted provider where members are published for it; all schools means what it is compared over."""
    there = figures.options("provider", indicator=indicator, area_type="municipality")
    return wanted if wanted != ALL and wanted in there else figures.provider_of(indicator)


def _stages(figures: Figures, definition: Definition, wanted: str) -> list[str]:
    """The stages that stand as rows: the whole where it is published, otherwise each; or the wanted one."""
    there = figures.options("stage", indicator=definition.name)
    if wanted == ALL:
        return [ALL] if ALL in there else [each for each in ORDER if each in there]
    if wanted in there:
        return [wanted]
    return [ALL] if STAGES_OF.get(definition.population) == wanted and ALL in there else []


def _seen(figures: Figures, indicator: str, stage: str, wanted: str) -> list[PeriodSeen]:
    """The period a row will show, the wanted one or the newest; none where no own figure stands there."""
    same = [each for each in figures.periods(indicator, stage) if wanted in ("", each.school_year, each.label)]
    told = [each for each in same if each.told]
    return (told or same)[:1]


def _note(definition: Definition, of: str, stage: str, period: str, main: str, provider: str) -> str:
    word = PERIOD_WORDS.get(definition.population, "")
    parts = [
        STAGE_NOTES.get(stage, ""),
        f"{word} {period}".strip() if period != main or word else "",
        PROVIDERS[of].lower() if of != provider else "",
    ]
    return " · ".join(part for part in parts if part)


def members(figures: Figures, line: Line, among: Sequence[str] = ()) -> Mapping[str, Figure]:
    """The figure of every member (or of those `among`) that has one on the line, in their order."""
    return _members(figures, line.definition.name, line.key(""), line.period, tuple(among))


@lately
def _members(figures: Figures, indicator: str, key: Key, period: str, among: tuple[str, ...]) -> dict[str, Figure]:
    names = among or figures.release.member_names
    there = ((name, figures.figure(indicator, key._replace(area=name), period)) for name in names)
    return {name: figure for name, figure in there if figure is not None}


def span(figures: Figures, line: Line) -> tuple[float, ...]:
    """The lowest and the highest value that a member has on the line; one where they are the same, or none."""
    return _span(figures, line.definition.name, line.key(""), line.period)


@once
def _span(figures: Figures, indicator: str, key: Key, period: str) -> tuple[float, ...]:
    there = _members(figures, indicator, key, period, ()).values()
    values = [each.value for each in there if each.shown and each.value is not None]
    return tuple(sorted({min(values), max(values)})) if values else ()


def lacking(figures: Figures, line: Line) -> frozenset[str]:
    """The members that have not delivered what the line needs."""
    return _lacking(figures, line.definition.name, line.key(""), line.period)


@once
def _lacking(figures: Figures, indicator: str, key: Key, period: str) -> frozenset[str]:
    if not figures.is_lacking(indicator):
        return frozenset()
    there = _members(figures, indicator, key, period, ()).items()
    return frozenset(name for name, each in there if each.status == Status.MISSING)


def verdicts(figures: Figures, line: Line, benchmark: str) -> Mapping[str, Verdict]:
    """The verdicts on the members' figures of the line, by member."""
    return figures.verdicts(line.definition.name, line.key(""), line.ends, benchmark)


def readable(figures: Figures, found: Sequence[Line]) -> list[Line]:
    """The rows where a member has a word to say; of an indicator's stages those with a value, if any has one."""
    there = [(each, figures.statuses(each.definition.name, each.key(""), each.ends)) for each in found]
    told = [(each, some) for each, some in there if some.intersection(TOLD)]
    valued = [(each, Status.SHOWN in some) for each, some in told]
    names = {each.definition.name for each, has in valued if has}
    return [each for each, has in valued if has or each.definition.name not in names]


def missing(figures: Figures, found: Sequence[Line]) -> dict[str, list[str]]:
    """Per theme the members that have not delivered what any of its rows needs, in the release's order."""
    absent: dict[str, set[str]] = {}
    for line in found:
        names = absent.setdefault(line.definition.theme, set())
        names |= lacking(figures, line)
    return {
        theme: [name for name in figures.release.member_names if name in names]
        for theme, names in absent.items()
        if names
    }
