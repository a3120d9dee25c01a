"""How it goes along the way: one fixed group of pupils per view, followed from where they started to where they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from metrics.present import curves as draw
from metrics.present import linkage, numbers, parts, sentences, where
from metrics.present.curves import Curve, Step
from metrics.present.figures import Figure, Figures, Key, once
from metrics.present.indicator import REGION
from metrics.present.parts import Whole
from metrics.present.where import UNCUT, Cut, Where
from metrics.release.read import Definition

QUESTION = "Hur går det på vägen?"
EMPTY = (
    "Här följs en grupp elever i taget, från årskurs 9 till efter gymnasieskolan, när uttagen om gymnasieskolan är "
    "inlämnade och en utgåva är gjord."
)
YEARS = {1: "ett år", 2: "två år", 3: "tre år", 4: "fyra år", 5: "fem år"}
PLACES = {
    "home_municipality": "elevens hemkommun, oavsett var skolan ligger",
    "school_municipality": "skolans kommun, oavsett var eleven bor",
}
TERMS = {1: "en termin", 2: "två terminer", 4: "fyra terminer"}


@dataclass(frozen=True, kw_only=True)
class Track:
    """One curve of a group: its indicators' names with {} for the time, its name, and its part of the sentence."""

    pattern: str
    name: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """A fixed group: its choice, who it is in a sentence, its states and its curves, and who is not counted."""

    title: str
    who: str
    lead: str
    outside: tuple[str, ...]
    prefix: str = ""
    states: str = ""
    tracks: tuple[Track, ...] = ()
    times: Mapping[int, str] = field(default_factory=dict)
    curve: str = ""
    opening: str = ""
    closing: str = ""
    everyone: str = "elever"
    more: tuple[str, ...] = ()
    """Indicators beside the pictures."""


COHORTS: Mapping[str, Cohort] = {
    "arskurs-9": Cohort(
        title="Slutade årskurs 9",
        who="{who} {place} som slutade årskurs 9 {when}",
        lead="next_step_national",
        prefix="next_step_",
        states="Hösten efter årskurs 9",
        outside=(
            "Elever som fått betyg i något annat än det målrelaterade systemet räknas inte.",
            "Den som inte återfinns i något inlämnat uttag är kvar i gruppen, som okänd.",
        ),
    ),
    "gymnasiestart": Cohort(
        title="Började gymnasieskolan",
        who="{who} {place} som började gymnasieskolan {when}",
        lead="after_four_years_diploma",
        prefix="after_four_years_",
        states="Fyra år efter gymnasiestarten",
        tracks=(
            Track(pattern="diploma_within_{}_years_all", name="alla", words="{} av alla"),
            Track(
                pattern="diploma_within_{}_years_national",
                name="nationella program",
                words="{} av dem som började på nationellt program",
            ),
            Track(
                pattern="diploma_within_{}_years_introductory",
                name="introduktionsprogram",
                words="{} av dem som började på introduktionsprogram",
            ),
        ),
        times={each: YEARS[each] for each in (3, 4, 5)},
        curve="Gymnasieexamen inom tre, fyra och fem år",
        opening="Inom {} har",
        closing=" tagit gymnasieexamen",
        outside=(
            "Elever i anpassad gymnasieskola, elever utan personnummer vid starten och, från 2021 års mätning, elever "
            "på IB räknas inte.",
            "Den som börjar om i årskurs 1 räknas bara första gången.",
        ),
    ),
    "introduktionsprogram": Cohort(
        title="Började på introduktionsprogram",
        who="{who} {place} som började på introduktionsprogram {when}",
        lead="introductory_to_national_within_2_years",
        tracks=(Track(pattern="introductory_to_national_within_{}_years", name="till nationellt program", words="{}"),),
        times=YEARS,
        curve="Från introduktionsprogram till nationellt program",
        opening="Inom {} har",
        closing=" gått över till ett nationellt program",
        outside=(
            "Elever utan personnummer vid starten räknas inte.",
            "Den som gått över räknas som övergången också om hon eller han senare slutar.",
        ),
    ),
    "efter-gymnasiet": Cohort(
        title="Lämnade gymnasieskolan",
        everyone="unga",
        who="{who} {place} som lämnade gymnasieskolan {when}",
        lead="two_years_after_work",
        prefix="two_years_after_",
        states="Två år efter gymnasieskolan",
        tracks=(
            Track(
                pattern="work_or_study_after_{}_years_with_diploma",
                name="med gymnasieexamen",
                words="{} av dem med gymnasieexamen",
            ),
            Track(
                pattern="work_or_study_after_{}_years_without_diploma",
                name="utan gymnasieexamen",
                words="{} av dem utan gymnasieexamen",
            ),
        ),
        times={each: YEARS[each] for each in (1, 2, 3, 5)},
        curve="Arbetar eller studerar",
        opening="Efter {} arbetar eller studerar",
        outside=(
            "Den som är tillbaka i gymnasieskolan hösten efter har inte lämnat den och räknas inte, om det inte finns "
            "en examen.",
        ),
    ),
    "resurscentrum": Cohort(
        title="Började vid resurscentrum",
        who="{who} {place} som började vid ett resurscentrum {when}",
        lead="resource_centre_returned_within_2_terms",
        tracks=(
            Track(
                pattern="resource_centre_returned_within_{}_terms",
                name="åter i ordinarie klass",
                words="{} åter i ordinarie klass",
            ),
            Track(pattern="resource_centre_still_there_after_{}_terms", name="kvar", words="{} kvar vid resurscentrum"),
        ),
        times=TERMS,
        more=("resource_centre_returned_as_planned",),
        curve="Åter i ordinarie klass, eller kvar",
        opening="Efter {} är",
        outside=(
            "Den som flyttat eller slutat grundskolan är varken åter eller kvar. Därför blir de två kurvorna inte "
            "tillsammans alla.",
            "En andra placering samma läsår och andra särskilda undervisningsgrupper räknas inte.",
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class PathView:
    """One group, in one member or the whole region, from one period."""

    cohort: str
    area: str
    period: str
    cut: Cut = UNCUT

    @property
    def group(self) -> Cohort:
        return COHORTS[self.cohort]

    @property
    def where(self) -> Where:
        return Where(area=self.area, period=self.period, cut=self.cut)


@once
def cohorts(figures: Figures) -> dict[str, str]:
    """The groups that the release has something about."""
    return {code: each.title for code, each in COHORTS.items() if _names(figures, each)}


def _names(figures: Figures, group: Cohort) -> list[str]:
    """Every indicator of a group that the release has a series of, its states first."""
    states = [
        name
        for name, each in figures.definitions.items()
        if group.prefix and each.unit == "flow" and name.startswith(group.prefix)
    ]
    tracks = [track.pattern.format(at) for track in group.tracks for at in group.times]
    return [name for name in (*states, *tracks, *group.more) if name in figures.definitions and figures.has(name)]


@once
def cuts(figures: Figures, cohort: str, area: str) -> list[Cut]:
    """The groups of pupils that the release divides the cohort into in the area."""
    return where.cuts(figures, _names(figures, COHORTS[cohort]), area)


@once
def periods(figures: Figures, cohort: str) -> dict[str, str]:
    """The periods from which a group starts, newest first."""
    found = {each.period_to: each.label for name in _names(figures, COHORTS[cohort]) for each in figures.periods(name)}
    return {found[key]: found[key] for key in sorted(found, reverse=True)}


def newest(figures: Figures, cohort: str) -> str:
    """The newest period from which the group has been followed long enough to say how it went."""
    names = _names(figures, COHORTS[cohort])
    lead = COHORTS[cohort].lead
    found = figures.newest(lead if lead in names else names[0])
    return found.label if found else next(iter(periods(figures, cohort)))


def whole(figures: Figures, view: PathView) -> Whole:
    return parts.whole_of(figures, view.group.prefix, view.where) if view.group.prefix else Whole(parts=())


def curves(figures: Figures, view: PathView) -> list[Curve]:
    """The group's curves, with the times that the release has indicators for."""
    found = [(track.name, _steps(figures, view, track)) for track in view.group.tracks]
    return [Curve(name=name, steps=steps) for name, steps in found if steps]


def _steps(figures: Figures, view: PathView, track: Track) -> tuple[Step, ...]:
    names = {at: track.pattern.format(at) for at in view.group.times}
    return tuple(
        Step(
            at=at,
            words=view.group.times[at],
            definition=figures.definitions[name],
            figure=where.figure_of(figures, name, view.where),
        )
        for at, name in names.items()
        if name in figures.definitions
    )


def place_name(figures: Figures, view: PathView) -> str:
    """The area as the release names it for this group: an incomplete region is "GR, 5 av 13"."""
    if view.area != REGION:
        return view.area
    total = dataclasses.replace(view.where, cut=UNCUT)
    found = (where.figure_of(figures, name, total) for name in _names(figures, view.group))
    return next((each.area for each in found if each), figures.region_name)


def who(figures: Figures, view: PathView) -> str:
    """The group inside a sentence: elever i Ale som slutade årskurs 9 läsåret 2023/24."""
    place = sentences.place(place_name(figures, view))
    noun = where.noun(view.cut, view.group.everyone)
    return view.group.who.format(who=noun, place=place, when=sentences.when(view.period))


def title(figures: Figures, view: PathView, what: str) -> str:
    """A picture's title: what it shows, of whom, where and from when."""
    who_ = [view.group.title.lower(), *([where.title(view.cut)] if view.cut != UNCUT else [])]
    return f"{what}, {place_name(figures, view)}, {', '.join(who_)}, {view.period}"


def states_sentence(figures: Figures, view: PathView) -> str:
    found = whole(figures, view)
    if is_undivided(found, view):
        return undivided(figures, view)
    if found.shown:
        said = parts.lead_sentence(found, who(figures, view))
        return f"{said} {elsewhere}" if found.shown[-1].rest and (elsewhere := _elsewhere(figures, view)) else said
    return _of_whom(view, parts.silent_sentence(found, place_name(figures, view), view.period)) if found.parts else ""


def _of_whom(view: PathView, silent: str) -> str:
    """What is said where nothing is shown, with the group it is said of."""
    return (
        f"{numbers.capital(where.title(view.cut))}: {numbers.small(silent)}" if silent and view.cut != UNCUT else silent
    )


def is_undivided(found: Whole, view: PathView) -> bool:
    """Whether some state of the cohort is not published for the chosen group."""
    return view.cut != UNCUT and any(each.figure is None for each in found.parts)


def undivided(figures: Figures, view: PathView) -> str:
    """That the states are not divided further here, and where they are."""
    place = sentences.place(place_name(figures, view))
    said = f"{view.group.states} delas inte upp på {where.title(view.cut)} {place}: små delar skulle dölja varandra."
    return " ".join(each for each in (said, _elsewhere(figures, view)) if each)


def _elsewhere(figures: Figures, view: PathView) -> str:
    """That a group which a member is not divided into has all its states for the region."""
    if view.area == REGION:
        return ""
    there = whole(figures, dataclasses.replace(view, area=REGION)).parts
    if any(each.rest or each.figure is None for each in there):
        return ""
    return f"Uppdelningen finns för hela {figures.region_name}."


def curve_sentence(figures: Figures, view: PathView) -> str:
    """Where the curves have come at the last time that is shown, and what cannot be seen yet."""
    found = curves(figures, view)
    at = draw.latest(found)
    if not found:
        return ""
    if at is None:
        first = found[0].steps[0]
        return _of_whom(
            view, sentences.value_sentence(first.figure, first.definition, place_name(figures, view), view.period)
        )
    group = view.group
    said = [
        track.words.format(f"**{numbers.in_unit(step.figure.value, step.definition.unit, step.definition.decimals)}**")
        for track, curve in zip(group.tracks, found, strict=False)
        if (step := curve.at(at)) and step.figure and step.figure.shown and step.figure.value is not None
    ]
    text = f"{group.opening.format(group.times[at])} {numbers.listed(said)}{group.closing}."
    return " ".join(each for each in (text, draw.silent_sentence(found, at), draw.late_sentence(found)) if each)


def has_curves(found: Sequence[Curve]) -> bool:
    """Whether there is anything to draw: a value, or a time that cannot be seen yet."""
    return draw.latest(found) is not None or bool(draw.late(found))


def curve_lead(figures: Figures, view: PathView) -> str:
    """What stands over the curves: their sentence, or how they are read where the page's answer is the sentence."""
    found = curves(figures, view)
    said = curve_sentence(figures, view) if whole(figures, view).parts else draw.reading_sentence(found)
    at = draw.latest(found)
    steps = {curve.name: curve.at(at) for curve in found} if at is not None else {}
    followed = {
        name: linkage.sentence(figures, step.definition, view.area, view.period) for name, step in steps.items() if step
    }
    if len(set(followed.values())) > 1:
        followed = {name: f"{numbers.capital(name)}: {numbers.small(each)}" for name, each in followed.items() if each}
    return " ".join(filter(None, dict.fromkeys([said, *followed.values()])))


def states_lead(figures: Figures, view: PathView) -> str:
    """What stands over the states: how they are read, and how many could be followed."""
    found = whole(figures, view)
    definitions = [each.definition for each in found.parts]
    return linkage.beside(parts.reading_sentence(found), figures, definitions, view.area, view.period)


def answer(figures: Figures, view: PathView) -> str:
    """The sentence under the question: the states, otherwise the curves of the group."""
    if whole(figures, view).parts:
        return states_sentence(figures, view)
    said = curve_sentence(figures, view)
    return (
        f"{numbers.capital(who(figures, view))}: {said[:1].lower()}{said[1:]}"
        if draw.latest(curves(figures, view))
        else said
    )


def figures_shown(figures: Figures, view: PathView) -> dict[str, Figure | None]:
    """Every figure that the view shows, by its indicator."""
    found = {each.definition.name: each.figure for each in whole(figures, view).parts}
    return found | {step.definition.name: step.figure for curve in curves(figures, view) for step in curve.steps}


def rows_for_export(figures: Figures, view: PathView) -> list[tuple[Definition, Key, Figure]]:
    """Every own value of the cohort's indicators: all areas and periods, for everyone and for the chosen group."""
    return [
        (figures.definitions[name], key, each)
        for name in _names(figures, view.group)
        for key, series in figures.all_series(name).items()
        for wanted in {view.where.key(figures, name), dataclasses.replace(view.where, cut=UNCUT).key(figures, name)}
        if key == wanted._replace(area_type=key.area_type, area=key.area)
        for each in series
    ]
