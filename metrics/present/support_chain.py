"""From report of concern to intervention: reports and children side by side, and what follows step by step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from metrics.present import charts, comparisons, html, indicator, indicator_tables, numbers, parts, sentences, where
from metrics.present.charts import Spec
from metrics.present.figures import Figure, Figures, Key, once
from metrics.present.indicator import REGION
from metrics.present.marks import STATUSES, Palette
from metrics.present.parts import Whole
from metrics.present.where import Cut, Where
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import ALL, GLOSSARY, SEXES, STAGES

QUESTION = "Från orosanmälan till insats: vad händer?"
EMPTY = (
    "Här följs orosanmälningar från skola och andra fram till insats, när socialtjänstens uttag om stödkedjan är "
    "inlämnat och en utgåva är gjord."
)
COUNT = "reports_per_child"
FROM_SCHOOL = "reported_by_school"
UNKNOWN = "reporter_unknown"
AGE = "age_at_first_report"
FOLLOWED = "led_to_intervention_all"
ONLY_COUNTS = "utgåvan bygger på antal, och att följa barn över tid kräver uppgifter om vart och ett"
"""Why an indicator that follows children has no series at all."""
NOT_YET = STATUS_TEXT[Status.NOT_YET_OBSERVABLE]
TIMES = "investigation_"
KINDS = "intervention_"
STEPS: tuple[str, ...] = (
    FROM_SCHOOL,
    UNKNOWN,
    "decision_within_14_days_all",
    "decision_within_14_days_school",
    "investigation_opened_all",
    "investigation_opened_school",
    "feedback_to_school",
    "led_to_intervention_all",
    "led_to_intervention_school",
    "reported_again_within_12_months_all",
    "reported_again_within_12_months_school",
)
"""The shares of the chain in the order things happen; the first two are always shown together."""
OF_CHILDREN = ("led_to_intervention_", "reported_again_")
NO_JUDGEMENT = "Färgerna värderar inte: fler anmälningar kan betyda fler barn som far illa, eller att fler upptäcks."
STEP, YEARS = 22, 275
"""The heights of a step and of the years' picture, in pixels: the page is at most two screens high."""
WORDS: Mapping[str, str] = {
    "öppen insats": "Frivilligt stöd som socialtjänsten ger utan placering, till exempel råd och stödsamtal.",
    "strukturerat öppenvårdsprogram": "Öppen insats enligt ett bestämt program, med början, innehåll och slut.",
    "kontaktperson eller kontaktfamilj": "En person eller familj som på socialtjänstens uppdrag stöttar barnet.",
    "placering": "Barnet bor i familjehem eller på ett hem för vård eller boende.",
    "återkoppling": "Skolan får veta om dess anmälan har lett till en utredning. Skolan får inte veta vad som utreds.",
    "anmälan och barn": "Samma barn kan anmälas flera gånger. Därför är antalet anmälningar större än antalet barn.",
}
"""Words of the chain that stand on this page, beside those of the glossary."""
GLOSSARY_WORDS = ("orosanmälan", "förhandsbedömning", "utredning", "insats")


@dataclass(frozen=True, kw_only=True)
class ChainView:
    """One member or the whole region, one calendar year and one stage."""

    area: str
    year: str
    stage: str = ALL
    sex: str = ALL

    @property
    def cut(self) -> Cut:
        return Cut(sex=self.sex)

    @property
    def where(self) -> Where:
        return Where(area=self.area, period=self.year, stage=self.stage, cut=self.cut)


def figure(figures: Figures, name: str, view: ChainView) -> Figure | None:
    return where.figure_of(figures, name, view.where) if name in figures.definitions else None


@once
def sexes(figures: Figures, area: str, stage: str) -> dict[str, str]:
    """Everyone, and girls and boys where the release divides the chain by them for this stage."""
    found = where.cuts(figures, chain_names(figures), area, stage)
    there = [each.sex for each in found if each == Cut(sex=each.sex)]
    return {each: "Alla barn" if each == ALL else SEXES[each] for each in there}


def whole(figures: Figures, prefix: str, view: ChainView) -> Whole:
    return parts.whole_of(figures, prefix, view.where)


def place_name(figures: Figures, view: ChainView) -> str:
    if view.area != REGION:
        return view.area
    found = figure(figures, COUNT, view)
    return found.area if found else figures.region_name


def at_place(figures: Figures, view: ChainView) -> str:
    """i Ale, i GR (11 av 13 kommuner); with the stage where one is chosen."""
    place = sentences.place(place_name(figures, view))
    return place if view.stage == ALL else f"{place}, {STAGES[view.stage][:1].lower()}{STAGES[view.stage][1:]},"


def titled_place(figures: Figures, view: ChainView) -> str:
    """The place in a title, with the chosen sex: Ale, flickor."""
    place = place_name(figures, view)
    return place if view.sex == ALL else f"{place}, {SEXES[view.sex].lower()}"


def answer(figures: Figures, view: ChainView) -> str:
    """How many reports about how many children, and who reported; an unknown reporter is always said."""
    found = figure(figures, COUNT, view)
    said = [_count_sentence(figures, view, found)]
    if figure(figures, FROM_SCHOOL, view) or figure(figures, UNKNOWN, view):
        said.append(reporter_sentence(figures, view))
    if found and found.shown and is_late(figures, view):
        said.append(f"Året kan vara inlämnat bara till en del: vad anmälningarna leder till {NOT_YET}.")
    return " ".join(said)


def _count_sentence(figures: Figures, view: ChainView, found: Figure | None) -> str:
    if found is not None and found.status == Status.HIDDEN:
        where = at_place(figures, view)
        return f"Antalet orosanmälningar {where} år {view.year} är **dolt för att skydda enskilda**."
    if found is None or not found.shown or found.numerator is None or found.denominator is None:
        return sentences.value_sentence(found, figures.definitions[COUNT], place_name(figures, view), view.year)
    reports = numbers.counted(int(found.numerator), "orosanmälan", "orosanmälningar")
    one, several = {"girls": ("flicka", "flickor"), "boys": ("pojke", "pojkar")}.get(view.sex, ("barn", "barn"))
    children = numbers.counted(int(found.denominator), one, several, neuter=view.sex == ALL)
    return f"År {view.year} kom **{reports} om {children}** {at_place(figures, view).rstrip(',')}."


def is_late(figures: Figures, view: ChainView) -> bool:
    """Whether what the reports of the year lead to cannot be seen yet: the year may not be whole either."""
    found = figure(figures, FOLLOWED, view)
    return found is not None and found.status == Status.NOT_YET_OBSERVABLE


def _is_late_year(figures: Figures, view: ChainView, each: Figure) -> bool:
    return is_late(figures, dataclasses.replace(view, year=each.label))


def newest(figures: Figures, stage: str) -> str:
    """The newest year that has been followed, otherwise the newest with a value."""
    found = figures.newest(COUNT, stage)
    there = [each.label for each in figures.periods(COUNT, stage)]
    whole_years = [each for each in there if not is_late(figures, ChainView(area=REGION, year=each, stage=stage))]
    return next(iter(whole_years), found.label if found else there[0])


def reporter_sentence(figures: Figures, view: ChainView) -> str:
    """The school's part of the reports and the part whose reporter is unknown, or that either is hidden."""
    school, unknown = figure(figures, FROM_SCHOOL, view), figure(figures, UNKNOWN, view)
    if school and unknown and school.status == unknown.status == Status.HIDDEN:
        return "Skolans del, och hur stor del som har okänd anmälare, är dolda för att skydda enskilda."
    first = (
        f"Skolan står för **{_value(school)}** av anmälningarna" if _shown(school) else f"Skolans del är {_why(school)}"
    )
    second = (
        f"för **{_value(unknown)}** är anmälaren okänd"
        if _shown(unknown)
        else f"hur stor del som har okänd anmälare är {_why(unknown)}"
    )
    return f"{first}; {second}."


def _shown(found: Figure | None) -> bool:
    return found is not None and found.shown


def _value(found: Figure | None) -> str:
    return parts.percent(found.value or 0.0) if found else ""


def _why(found: Figure | None) -> str:
    return STATUS_TEXT[Status(found.status)] if found else "inte uppgiven"


def tiles(figures: Figures, view: ChainView) -> str:
    """Reports and children side by side, with how many reports there are per child and the age at the first."""
    found, age = figure(figures, COUNT, view), figure(figures, AGE, view)
    pairs = (
        ("Orosanmälningar", _count(found, found.numerator if found else None)),
        ("Barn som anmälts", _count(found, found.denominator if found else None)),
        ("Anmälningar per barn", numbers.number(found.value, 2) if found and found.value is not None else _word(found)),
        ("Ålder vid första anmälan", _age(age)),
    )
    cells = "".join(
        f'<div><p class="sy-caption">{escape(name)}</p><p class="sy-figure">{escape(text)}</p></div>'
        for name, text in pairs
    )
    return f'<div class="sy-tiles">{cells}</div>'


def _age(found: Figure | None) -> str:
    if found is None or not found.shown or found.value is None:
        return _word(found)
    below = f" (n{numbers.HARD}{numbers.count(found.denominator)})" if found.denominator is not None else ""
    return f"{numbers.number(found.value)} år{below}"


def _count(found: Figure | None, number: float | None) -> str:
    return numbers.count(number) if found and found.shown and number is not None else _word(found)


def _word(found: Figure | None) -> str:
    return STATUSES[found.status].word if found and found.status in STATUSES else "–"


def years(figures: Figures, view: ChainView) -> list[Figure]:
    """The number of reports per child, year by year, oldest first."""
    return [
        found
        for each in reversed(figures.periods(COUNT, view.stage))
        if (found := figure(figures, COUNT, dataclasses.replace(view, year=each.label)))
    ]


def over_time(figures: Figures, view: ChainView, palette: Palette) -> Spec:
    """Reports and children as two lines; a hidden year breaks both, and one that may be delivered in part is not drawn."""
    late = Status.NOT_YET_OBSERVABLE
    found = [
        each._replace(status=late, numerator=None, denominator=None) if _is_late_year(figures, view, each) else each
        for each in years(figures, view)
    ]
    counts = dataclasses.replace(figures.definitions[COUNT], unit="mean", decimals=0)
    reports = [each._replace(value=each.numerator, low=None, high=None, denominator=None) for each in found]
    children = [each._replace(value=each.denominator, low=None, high=None, denominator=None) for each in found]
    lines = [
        charts.Line(name="Anmälningar", figures=reports, colour=palette.accent, main=True),
        charts.Line(name="Barn", figures=children, colour=palette.neutral),
    ]
    return charts.trend(lines, counts, palette, from_zero=True) | {"height": YEARS}


def has_years(figures: Figures, view: ChainView) -> bool:
    """Whether the number of reports is shown for any year: otherwise there is nothing to draw."""
    return any(each.shown for each in years(figures, view))


def over_time_sentence(figures: Figures, view: ChainView) -> str:
    """The first and the last year that are shown."""
    there = [each for each in years(figures, view) if not _is_late_year(figures, view, each)]
    shown = [each for each in there if each.shown and each.numerator is not None]
    if len(shown) < 2:
        return "Antalen kan inte jämföras över tid: för få år visas."
    first, last = shown[0], shown[-1]
    counts = [numbers.count(each.numerator or 0.0) for each in (first, last)]
    late = [each.label for each in years(figures, view) if each.period_to > last.period_to and each.shown]
    partly = f" År {numbers.listed(late)} kan vara inlämnat bara till en del och ritas inte." if late else ""
    return f"{counts[0]} anmälningar år {first.label} och **{counts[1]} år {last.label}**. Antalet bedöms inte.{partly}"


def over_time_table(figures: Figures, view: ChainView, caption: str) -> str:
    """The twin: reports, children, and who reported, year by year."""
    head = ["År", "Anmälningar", "Barn", "Per barn", "Från skolan", "Okänd anmälare"]
    rows = []
    for each in years(figures, view):
        at = dataclasses.replace(view, year=each.label)
        beside = [figure(figures, name, at) for name in (FROM_SCHOOL, UNKNOWN)]
        per = numbers.number(each.value, 2) if each.shown and each.value is not None else _word(each)
        shares = [_value(one) if _shown(one) else _word(one) for one in beside]
        rows.append([each.label, _count(each, each.numerator), _count(each, each.denominator), per, *shares])
    return html.details(f"Tabell: {caption}", html.table(caption, head, rows))


def steps(figures: Figures, view: ChainView) -> list[tuple[Definition, Figure | None]]:
    return [(figures.definitions[name], figure(figures, name, view)) for name in STEPS if name in figures.definitions]


def steps_picture(figures: Figures, view: ChainView, palette: Palette) -> Spec:
    """The shares of the chain under each other in the order things happen."""
    found = steps(figures, view)
    dots = [_dot(definition, each, palette) for definition, each in found]
    return comparisons.comparison(dots, found[0][0], palette) | {"height": STEP * len(dots) + 40}


def _dot(definition: Definition, found: Figure | None, palette: Palette) -> comparisons.Dot:
    drawn = indicator.dot(definition.short_title, found, None, definition, palette)
    colour = palette.neutral if definition.name.endswith("_school") else palette.accent
    below = found.denominator if found and found.shown else None
    text = f"{drawn.text} av {numbers.count(below)}" if below is not None else drawn.text
    return dataclasses.replace(drawn, colour=colour, text=text)


def steps_sentence(figures: Figures, view: ChainView) -> str:
    """The 14 days, what is opened, and what the school gets to know."""
    pairs = (
        ("decision_within_14_days_all", "{} av anmälningarna får beslut inom 14 dagar"),
        ("investigation_opened_all", "{} leder till utredning"),
        ("feedback_to_school", "skolan får återkoppling på {} av sina egna"),
    )
    there = [(text, figure(figures, name, view)) for name, text in pairs]
    said = [text.format(f"**{_value(found)}**") for text, found in there if _shown(found)]
    kept = sum(1 for _, found in steps(figures, view) if found and found.status == Status.HIDDEN)
    word = (
        f"{numbers.capital(numbers.counted(kept, 'steg', 'steg', neuter=True))} är {'dolt' if kept == 1 else 'dolda'}"
    )
    lacking = sum(_is_never_counted(figures, definition.name) for definition, _ in steps(figures, view))
    rest = numbers.capital(numbers.counted(lacking, "steg", "steg", neuter=True))
    texts = [
        f"{numbers.capital(numbers.listed(said))}." if said else "",
        f"{word} för att skydda enskilda." if kept else "",
        f"{rest} räknas inte: {ONLY_COUNTS}." if lacking else "",
    ]
    return " ".join(each for each in texts if each)


@once
def _is_never_counted(figures: Figures, name: str) -> bool:
    """Whether an indicator has no value anywhere, shown or not, though there are reports."""
    series = figures.all_series(name).values()
    return all(each.status == Status.MISSING for found in series for each in found)


def steps_table(figures: Figures, view: ChainView, caption: str) -> str:
    head = ["Steg", "Räknar", "Andel", f"95{numbers.HARD}% säkerhet", "Täljare", "Nämnare"]
    rows = [
        [
            definition.short_title,
            "barn" if definition.name.startswith(OF_CHILDREN) else "anmälningar",
            *indicator_tables.figure_cells(found, definition),
        ]
        for definition, found in steps(figures, view)
    ]
    return html.details(f"Tabell: {caption}", html.table(caption, head, rows, text_columns=2))


def times_sentence(figures: Figures, view: ChainView) -> str:
    return _whole_sentence(figures, TIMES, view, "{who} {place} vars utredning inletts efter den första anmälan {when}")


def kinds_sentence(figures: Figures, view: ChainView) -> str:
    return _whole_sentence(figures, KINDS, view, "{who} {place} som anmälts {when} och följts i minst ett halvår")


def _whole_sentence(figures: Figures, prefix: str, view: ChainView, who: str) -> str:
    found = whole(figures, prefix, view)
    if not found.parts:
        return ""
    if not found.shown:
        if (view.stage, view.sex) != (ALL, ALL) and found.parts[0].figure is None:
            by = "stadium" if view.stage != ALL else "flickor och pojkar"
            return f"Uppgiften delas inte upp på {by} {sentences.place(place_name(figures, view))} {view.year}."
        first = found.parts[0]
        if all(_is_never_counted(figures, each.definition.name) for each in found.parts):
            return f"Räknas inte: {ONLY_COUNTS}."
        if first.figure is None and view.area != REGION and "area" not in first.definition.dimensions:
            return f"Uppgiften finns för hela {figures.region_name}: i en kommun är barnen för få för att delas upp."
        return parts.silent_sentence(found, place_name(figures, view), view.year)
    said = who.format(who=where.noun(view.cut, "barn"), place=at_place(figures, view), when=sentences.when(view.year))
    return parts.lead_sentence(found, said)


def glossary() -> str:
    """The words of the chain, explained."""
    terms = {term.swedish: term.meaning for term in GLOSSARY if term.swedish in GLOSSARY_WORDS} | dict(WORDS)
    items = "".join(
        f"<dt>{escape(numbers.capital(word))}</dt><dd>{escape(meaning)}</dd>" for word, meaning in terms.items()
    )
    return html.details("Orden förklarade", f'<dl class="sy-facts">{items}</dl>')


def figures_shown(figures: Figures, view: ChainView) -> dict[str, Figure | None]:
    """Every figure of the year that the view shows, by its indicator."""
    found = {name: figure(figures, name, view) for name in (COUNT, AGE) if name in figures.definitions}
    found |= {definition.name: each for definition, each in steps(figures, view)}
    parts_ = [part for prefix in (TIMES, KINDS) for part in whole(figures, prefix, view).parts]
    return found | {each.definition.name: each.figure for each in parts_}


def rows_for_export(figures: Figures, view: ChainView) -> list[tuple[Definition, Key, Figure]]:
    """Every own value of the chain for the chosen stage: all areas and years, everyone and the chosen sex."""
    return [
        (figures.definitions[name], key, each)
        for name in chain_names(figures)
        for key, series in figures.all_series(name).items()
        for wanted in {view.where.key(figures, name), dataclasses.replace(view, sex=ALL).where.key(figures, name)}
        if key == wanted._replace(area_type=key.area_type, area=key.area)
        for each in series
    ]


def chain_names(figures: Figures) -> Sequence[str]:
    return [name for name, each in figures.definitions.items() if each.population == "reported_children"]
