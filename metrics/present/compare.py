"""Model types beside each other on the same indicators: levels with intervals, never effects, from the release's own rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.models import words
from metrics.present import charts, comparisons, counties, numbers, sentences
from metrics.present.figures import Figure, Figures, Key, once
from metrics.present.indicator import REGION, dot
from metrics.present.indicator_tables import figure_cells, short
from metrics.present.marks import Palette
from metrics.present.models import SHORT, TITLES
from metrics.release.read import Definition
from metrics.vocabulary import ALL, NO_MODEL

QUESTION = "Hur går det där modellerna finns?"
EMPTY = (
    "Här står samverkansmodellerna bredvid varandra på samma mått, när registret över samverkansmodeller och elevernas "
    "uttag är inlämnade och en utgåva är gjord."
)
NOT_EFFECT = (
    "**En skillnad i nivå är inte en effekt.** Modellerna sätts ofta in där behoven är störst. Därför kan skolor med en modell "
    "ligga lägre, eller ha högre frånvaro, fast modellen hjälper. Om den ledde till resultat står på sidan Effekt."
)
NOT_ADJUSTED = (
    "Värdena i den här bilden är inte justerade för elevernas bakgrund. ”Utan modellen” är alla andra skolor i regionen, "
    "inte skolor som liknar dem med modellen."
)
NOT_HERE = (
    "Steget från årskurs 9 till gymnasiet och stödet i modellerna (första kontakt, fullföljt stöd) finns bland måtten "
    "ovan. Fullföljande och tiden efter gymnasiet är inte aktuella per modell: de följer elevens hemkommun och "
    "gymnasieskola, och modellerna finns vid grundskolorna. Stödkedjan från orosanmälan till insats är inte heller "
    "aktuell: socialtjänstens uppgifter säger inte vilken skola barnet gick på. Eleverna vid resurscentrum är för få för "
    "att delas upp efter modell."
)
WITHOUT = "Ingen modell"
NAMES = ("coordinated_plan",)
"""Model types whose title is a name and keeps its capital inside a sentence."""
LONGEST = 30
"""Letters of a name beside a row of a picture in half a page."""
STAGE_OF = {"year9_leavers": "7-9", "year6_pupils": "4-6"}
"""The stage that the pupils of a family without stages are in."""


@dataclass(frozen=True, kw_only=True)
class CompareView:
    """One indicator for pupils of one stage, in a member or REGION, one period."""

    definition: Definition
    area: str
    stage: str
    period: str
    provider: str

    @property
    def whole(self) -> bool:
        return self.area == REGION

    def key(self, model: str, area: str = "") -> Key:
        return Key(area=area or self.area, provider=self.provider, stage=self.stage, model=model)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """The schools with a model that school year: how many, in how many members, and how many have another model too."""

    schools: int = 0
    members: int = 0
    overlapping: int = 0


@once
def indicators(figures: Figures) -> dict[str, str]:
    """The indicators that the release divides by model, under their themes."""
    return {
        name: f"{each.theme}: {each.short_title}"
        for name, each in figures.definitions.items()
        if any(model in TITLES for (model,) in figures.together(name, "model"))
    }


@once
def stages(figures: Figures, indicator: str) -> list[str]:
    """The stages with values by model."""
    return sorted({stage for model, stage in figures.together(indicator, "model", "stage") if model in TITLES})


@once
def provider(figures: Figures, indicator: str) -> str:
    """The provider that the indicator's values by model are for."""
    there = {provider for model, provider in figures.together(indicator, "model", "provider") if model in TITLES}
    usual = figures.provider_of(indicator)
    return usual if usual in there else next(iter(sorted(there)), ALL)


def figure(figures: Figures, view: CompareView, model: str, area: str = "") -> Figure | None:
    key = view.key(model, area)
    if (area or view.area) == REGION:
        return figures.region_figure(view.definition.name, key, view.period)
    return figures.at(view.definition.name, key, figures.series(view.definition.name, key), view.period)


def models(figures: Figures, view: CompareView) -> list[str]:
    """The model types that anyone is at in the view, whether shown or hidden."""
    return [model for model in TITLES if figure(figures, view, model) is not None]


def school_stage(view: CompareView) -> str:
    return STAGE_OF.get(view.definition.population, view.stage)


def placed(figures: Figures, view: CompareView) -> dict[str, tuple[str, tuple[str, ...]]]:
    """School unit -> (member, models) that school year, among those with the stage."""
    found = figure(figures, view, ALL) or figure(figures, view, NO_MODEL)
    placed_then = _placed(figures, found.school_year if found else view.period, school_stage(view))
    return {unit: each for unit, each in placed_then.items() if view.whole or each[0] == view.area}


@once
def _placed(figures: Figures, year: str, stage: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The schools of the region with a model that year, among those with the stage."""
    tables = figures.release.tables
    units, models = tables["school_units"], tables["school_models"]
    models = models[models["school_year"] == year]
    stages = zip(units["school_unit"], units["stages"], strict=True)
    there = {str(unit) for unit, said in stages if stage == ALL or stage in words.parts(said)}
    found = zip(models["school_unit"], models["municipality"], models["models"], strict=True)
    return {str(unit): (str(member), tuple(words.parts(said))) for unit, member, said in found if str(unit) in there}


def behind(schools: dict[str, tuple[str, tuple[str, ...]]], model: str) -> Behind:
    own = [(member, found) for member, found in schools.values() if model in found]
    return Behind(
        schools=len(own),
        members=len({member for member, _ in own}),
        overlapping=sum(len(found) > 1 for _, found in own),
    )


HEADINGS = (
    "Modell",
    "Värde",
    "95 % intervall",
    "Täljare",
    "Nämnare",
    "Skolenheter",
    "Kommuner",
    "Skolenheter med fler modeller",
    "Utan modellen",
)


def rows(figures: Figures, view: CompareView) -> list[list[str]]:
    """One row per model type, one for schools without any, and one for all, where each pupil stands once."""
    schools = placed(figures, view)
    made = []
    for model in models(figures, view):
        found = behind(schools, model)
        about = (
            [numbers.count(each) for each in (found.schools, found.members, found.overlapping)]
            if schools
            else ["–"] * 3
        )
        without = short(figure(figures, view, f"without:{model}"), view.definition) if view.whole else "–"
        made.append([TITLES[model], *figure_cells(figure(figures, view, model), view.definition), *about, without])
    for name, model in ((WITHOUT, NO_MODEL), ("Alla elever, varje elev en gång", ALL)):
        cells = figure_cells(figure(figures, view, model), view.definition)
        made.append([name, *cells, "–", "–", "–", "–"])
    return made


def drawable(figures: Figures, view: CompareView) -> bool:
    """Whether any level may be read; otherwise the table alone says why not."""
    return any((found := figure(figures, view, each)) and found.shown for each in (*models(figures, view), NO_MODEL))


def picture(figures: Figures, view: CompareView, colours: Palette) -> charts.Spec:
    """The model types under each other with intervals, all in one colour: a level is not judged."""
    named = [*((row_name(each), each) for each in models(figures, view)), (WITHOUT, NO_MODEL)]
    dots = [dot(name, figure(figures, view, model), None, view.definition, colours) for name, model in named]
    whole = figure(figures, view, ALL)
    value = whole.value if whole and whole.shown else None
    name = place(figures, view)
    return comparisons.comparison(dots, view.definition, colours, benchmark=value, name=f"Alla i {name}")


def row_name(model: str) -> str:
    """A model type's name beside its row of a picture."""
    return TITLES[model] if len(TITLES[model]) <= LONGEST else f"{TITLES[model].partition(',')[0]} m.m."


def place(figures: Figures, view: CompareView) -> str:
    return figures.region_name if view.whole else view.area


def answer(figures: Figures, view: CompareView) -> str:
    """The range of the shown levels, that a level is not an effect, and how many cannot be shown."""
    shown = [
        (model, found) for model in models(figures, view) if (found := figure(figures, view, model)) and found.shown
    ]
    none = figure(figures, view, NO_MODEL)
    name, when = place(figures, view), sentences.when(view.period, view.definition.population)
    if not shown:
        other = "ett annat mått" if view.whole else "ett annat mått eller hela regionen"
        if counties.large(figures):
            other = "en kommun: för en så stor region ges inga värden per modell ut" if view.whole else "ett annat mått"
        return f"Inget värde per modell kan visas för ”{view.definition.short_title}” i {name} {when}. Välj {other}."
    ranked = sorted(shown, key=lambda each: each[1].value or 0.0)
    (low, least), (high, most) = ranked[0], ranked[-1]
    said = f"**{_value(least, view)}** vid skolor med {in_sentence(low)}"
    if len(ranked) > 1 and _value(least, view) == _value(most, view):
        said = f"**{_value(least, view)}** vid skolor med någon av {numbers.word(len(ranked))} modeller"
    elif len(ranked) > 1:
        said = f"från {said} till **{_value(most, view)}** vid skolor med {in_sentence(high)}"
    without = f" Vid skolor utan modell är det {_value(none, view)}." if none and none.shown else ""
    return f"”{view.definition.short_title}” i {name} {when}: {said}.{without} En skillnad i nivå är inte en effekt."


def in_sentence(model: str) -> str:
    """A model type inside a sentence."""
    title = TITLES[model]
    return title if title[1:2].isupper() or model in NAMES else title[:1].lower() + title[1:]


def _value(found: Figure, view: CompareView) -> str:
    return numbers.in_unit(found.value or 0.0, view.definition.unit, view.definition.decimals)


def source(view: CompareView, method: str) -> str:
    """What stands with a table in a file: how its values came to be (`method`), and what the indicator counts."""
    found = view.definition
    counted = (
        f"Täljare: {found.numerator_label}. Nämnare: {found.denominator_label}. Definition version {found.version}."
    )
    return f"Utgåvans värden. {method} {counted}"


def overlap_sentence(figures: Figures, view: CompareView) -> str:
    """How many schools stand under several models."""
    schools = placed(figures, view)
    if not schools:
        return "Utgåvan säger inte vilka skolor som har vilka modeller det året."
    several = [found for _, found in schools.values() if len(found) > 1]
    if not several:
        return "Ingen skola i urvalet har flera modeller det året."
    return (
        f"{numbers.capital(numbers.out_of(len(several), len(schools)))} skolenheter med någon modell har flera. "
        "Deras elever ingår i varje modells värde, och en gång i värdet för alla."
    )


def member_rows(figures: Figures, view: CompareView, model: str) -> list[list[str]]:
    """The members that have the model: value at schools with it, how many they are, and at all schools of the member."""
    made, there = [], [(member, models) for member, models in placed(figures, view).values()]
    for member in figures.release.member_names:
        found = figure(figures, view, model, member)
        if found is not None:
            every = figure(figures, view, ALL, member)
            schools = sum(1 for place, models in there if place == member and model in models)
            cells = [*figure_cells(found, view.definition), numbers.count(schools) if schools else "–"]
            made.append([member, *cells, short(every, view.definition)])
    return made


MEMBER_HEADINGS = ("Kommun", "Värde", "95 % intervall", "Täljare", "Nämnare", "Skolenheter", "Alla skolor i kommunen")


@once
def _told_of(figures: Figures) -> list[str]:
    """The model types that any indicator is divided by."""
    there = {model for name in indicators(figures) for (model,) in figures.together(name, "model")}
    return [model for model in TITLES if model in there]


def matrix(figures: Figures, area: str) -> tuple[list[str], list[list[str]]]:
    """Every indicator x model type at its newest period: value and n, or why there is none."""
    there = _told_of(figures)
    made = []
    for name in indicators(figures):
        definition = figures.definitions[name]
        for stage in stages(figures, name):
            newest = figures.newest(name, stage)
            if newest is None:
                continue
            view = CompareView(
                definition=definition, area=area, stage=stage, period=newest.label, provider=provider(figures, name)
            )
            label = definition.short_title + (f", {stage}" if stage != ALL else "")
            cells = [_with_n(figure(figures, view, model), definition) for model in (*there, NO_MODEL)]
            made.append([label, newest.label, *cells])
    return ["Mått", "Period", *(SHORT[model] for model in there), WITHOUT], made


def _with_n(found: Figure | None, definition: Definition) -> str:
    cells: Sequence[str] = figure_cells(found, definition)
    return f"{cells[0]} ({cells[3]})" if cells[3] else cells[0].replace("dold för att skydda enskilda", "dold")
