"""What the page of one indicator says: its sentences, pictures and tables for one member or the whole region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from metrics.models.types import MODEL_TYPES
from metrics.present import charts, comparisons, marks, numbers, sentences, waiting
from metrics.present.figures import Figure, Figures, Key, TrendFound, Verdict
from metrics.present.marks import Palette
from metrics.release.read import Definition
from metrics.values import Status
from metrics.vocabulary import ALL

REGION = "*"
"""The choice of area that stands for the whole region."""
EVENTS_AT_MOST = 4
TALL = 330
"""Pixels of the trend, which stands beside a row for every member."""
EMPTY = "Här visas ett mått i taget när det första uttaget är inlämnat och en utgåva är gjord."
MODEL_TITLES = {each.name: each.title for each in MODEL_TYPES}


@dataclass(frozen=True, kw_only=True)
class IndicatorView:
    """One indicator, seen from one member (or REGION), one year and one benchmark."""

    definition: Definition
    area: str
    school_year: str
    benchmark: str
    provider: str = ALL
    stage: str = ALL
    county: str = ""
    """Of a large region, the county whose members are beside each other; "" is all of them."""

    @property
    def whole(self) -> bool:
        return self.area == REGION

    def key(self, area: str = "") -> Key:
        return Key(area=area or self.area, provider=self.provider, stage=self.stage)


def when(view: IndicatorView) -> str:
    """The period inside a sentence."""
    return sentences.when(view.school_year, view.definition.population)


def own_series(figures: Figures, view: IndicatorView) -> list[Figure]:
    if view.whole:
        return figures.region_series(view.definition.name, view.key())
    return figures.series(view.definition.name, view.key())


def own_figure(figures: Figures, view: IndicatorView) -> Figure | None:
    name, key = view.definition.name, view.key()
    if view.whole:
        return figures.region_figure(name, key, view.school_year)
    return figures.figure(name, key, view.school_year)


def area_name(figures: Figures, view: IndicatorView) -> str:
    """The area as the release names it; an incomplete region is "GR, 11 av 13"."""
    if not view.whole:
        return view.area
    figure = own_figure(figures, view)
    return figure.area if figure else figures.region_name


def place_name(figures: Figures, view: IndicatorView) -> str:
    """The area in a heading: Ale, GR, GR (11 av 13 kommuner)."""
    return sentences.named(area_name(figures, view))


def verdict(figures: Figures, view: IndicatorView) -> Verdict | None:
    return None if view.whole else figures.verdict(view.definition.name, view.key(), view.school_year, view.benchmark)


def trend_found(figures: Figures, view: IndicatorView) -> TrendFound | None:
    found = figures.trend(view.definition.name, view.key(area_name(figures, view)))
    figure = own_figure(figures, view)
    return found if found and figure and found.period_to == figure.period_to else None


def answer(figures: Figures, view: IndicatorView) -> str:
    """The sentence under the question: value, what it can be told from, trend."""
    figure = own_figure(figures, view)
    parts = [sentences.value_sentence(figure, view.definition, area_name(figures, view), view.school_year)]
    if figure is None or not figure.shown:
        only = figure is None and not view.whole and _told_of_region(figures, view)
        parts += [f"Måttet finns bara för hela {figures.region_name}."] if only else []
        return " ".join([*parts, _official_word(figures, view)]).strip()
    if not view.whole:
        benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
        parts.append(
            sentences.verdict_sentence(verdict(figures, view), view.definition, benchmark, why_not(figures, view))
        )
    if view.benchmark == "peers" and not view.whole:
        parts.append(peers_sentence(figures, view))
    if newest_observable(figures, view) in (figure.school_year, figure.label):
        parts.append(trend_sentence(figures, view))
    if waiting.is_waiting(figures.held, view.definition, figure.label):
        parts.append(waiting.sentence(figure.label))
    return " ".join(parts)


def _told_of_region(figures: Figures, view: IndicatorView) -> bool:
    """Whether the region has values of an indicator that no member has."""
    name = view.definition.name
    members = (figures.series(name, view.key(member)) for member in figures.release.member_names)
    return bool(figures.region_series(name, view.key())) and not any(members)


def peers_sentence(figures: Figures, view: IndicatorView) -> str:
    """Which municipalities the peer group is, as the official source lists them."""
    found = figures.figure(view.definition.name, peer_key(view.area), view.school_year)
    names = found.mark.partition(": ")[2].split(", ") if found and ": " in found.mark else []
    return f"Liknande kommuner är {numbers.listed(names)} (Koladas grupp för grundskolan)." if names else ""


def trend_sentence(figures: Figures, view: IndicatorView) -> str:
    """The trend of the area, or why it cannot be said."""
    figure = own_figure(figures, view)
    if figure and figure.incomplete:
        return f"Trend beräknas inte: bara {figure.area.split(', ')[-1]} kommuner har lämnat in."
    if figure and figure.shown and figure.low is None:
        return "Trend beräknas inte: värdet har ingen känd osäkerhet."
    until = figure.school_year if figure else view.school_year
    broken = max((year for year in view.definition.breaks if year <= until), default="")
    return sentences.trend_sentence(trend_found(figures, view), view.definition, broken)


def trend_lead(figures: Figures, view: IndicatorView) -> str:
    """What stands over the trend picture: its sentence, and how it is read."""
    dashed = " Streckade linjer är officiell statistik." if has_official(figures, view) else ""
    return f"{trend_sentence(figures, view)} Bandet visar 95{numbers.HARD}% säkerhet.{dashed}"


def has_official(figures: Figures, view: IndicatorView) -> bool:
    keys = (official_key(figures, view), nation_key(figures))
    return any(figures.series(view.definition.name, key) for key in keys)


def _official_word(figures: Figures, view: IndicatorView) -> str:
    official = figures.figure(view.definition.name, official_key(figures, view), view.school_year)
    if official is None or not official.shown or official.value is None:
        return ""
    value = numbers.in_unit(official.value, view.definition.unit, view.definition.decimals)
    return f"Officiellt värde: **{value}** ({figures.official_source})."


def newest_observable(figures: Figures, view: IndicatorView) -> str:
    late = Status.NOT_YET_OBSERVABLE
    found = [each for each in own_series(figures, view) if each.status != late]
    return max(found, key=lambda each: each.period_to).label if found else ""


def why_not(figures: Figures, view: IndicatorView) -> str:
    """Why there is no verdict, where the release says it."""
    figure = own_figure(figures, view)
    if figure and figure.low is None:
        return "värdet har ingen känd osäkerhet"
    region = figures.region_figure(view.definition.name, view.key(), view.school_year)
    if view.benchmark == "peers":
        return "det finns ingen officiell serie om liknande kommuner för samma skolor och läsår"
    if view.benchmark != "nation" and region and region.incomplete:
        return f"bara {region.area.split(', ')[-1]} kommuner har lämnat in"
    if view.benchmark == "nation":
        return "det finns ingen officiell serie för samma skolor och läsår"
    return "jämförelsevärdet visas inte"


def official_key(figures: Figures, view: IndicatorView) -> Key:
    area = figures.region_name if view.whole else view.area
    return Key(series="official", area_type="region" if view.whole else "municipality", area=area)


def nation_key(figures: Figures) -> Key:
    return Key(series="official", area_type="nation", area=figures.nation_name)


def peer_key(area: str) -> Key:
    """The official peer group of a member."""
    return Key(series="official", area_type="peer_group", area=area)


def same_definition(definition: Definition) -> bool:
    """Whether every official series of the indicator counts what the indicator counts."""
    return all(each.get("same_definition", True) for each in definition.official)


def lines(figures: Figures, view: IndicatorView, palette: Palette) -> list[charts.Line]:
    """At most five: the area's own (terms: both seasons), the region, and the official series of area, nation or peers."""
    name = view.definition.name
    found = _own_lines(figures, view, palette)
    if not view.whole and len(figures.release.member_names) > 1:
        complete = [each for each in figures.region_series(name, view.key()) if not each.incomplete]
        complete = [each for each in complete if season(each.label) == season(view.school_year)]
        found.append(charts.Line(name=figures.region_name, figures=complete, colour=palette.grey))
    official = figures.series(name, official_key(figures, view))
    nation = figures.series(name, nation_key(figures))
    word = "officiellt" if same_definition(view.definition) else "officiellt, annan definition"
    if official:
        title = f"{area_name(figures, view)}, {word}"
        found.append(charts.Line(name=title, figures=official, colour=palette.official, dashed=True))
    peers = figures.series(name, peer_key(view.area)) if view.benchmark == "peers" else []
    if peers:
        found.append(charts.Line(name="Liknande kommuner", figures=peers, colour=palette.neutral, dashed=True))
    elif nation:
        title = f"{figures.nation_name}, {word}"
        found.append(charts.Line(name=title, figures=nation, colour=palette.neutral, dashed=True))
    return found


SEASONS = {"VT": "vår", "HT": "höst"}


def season(label: str) -> str:
    """VT or HT of a term, otherwise "": autumn and spring are never one series."""
    return label[:2] if label[:2] in SEASONS else ""


def _own_lines(figures: Figures, view: IndicatorView, palette: Palette) -> list[charts.Line]:
    """The area's own series; for terms the chosen one's season first and the other beside it in grey."""
    own, name = own_series(figures, view), area_name(figures, view)
    chosen = season(view.school_year)
    if not chosen:
        return [charts.Line(name=name, figures=own, colour=palette.accent, main=True)]
    same = [each for each in own if season(each.label) == chosen]
    rest = [each for each in own if season(each.label) != chosen]
    found = [charts.Line(name=f"{name}, {SEASONS[chosen]}", figures=same, colour=palette.accent, main=True)]
    other = next((word for code, word in SEASONS.items() if code != chosen), "")
    return found + ([charts.Line(name=f"{name}, {other}", figures=rest, colour=palette.grey)] if rest else [])


def events(figures: Figures, view: IndicatorView) -> list[charts.Event]:
    """The starts of models in the member, and declared breaks of the series."""
    found = [
        charts.Event(school_year=year, text=f"Brott: {text}", is_break=True)
        for year, text in view.definition.breaks.items()
    ]
    starts: dict[str, list[str]] = {}
    tables = figures.release.tables
    by_school = "register_units" if len(tables["register_units"]) else "register"
    for row in figures.records(by_school, "municipality").get(view.area, []):
        if not view.whole:
            title = MODEL_TITLES.get(str(row["model_type"]), str(row["model_type"]))
            names = starts.setdefault(_school_year_of(str(row["started"])), [])
            names += [title] if title not in names else []
    newest = sorted(starts)[-EVENTS_AT_MOST:]
    return found + [charts.Event(school_year=year, text=f"Start: {numbers.listed(starts[year])}") for year in newest]


def _school_year_of(day: str) -> str:
    try:
        found = date.fromisoformat(day[:10])
    except ValueError:
        return ""
    first = found.year if found.month >= 7 else found.year - 1
    return f"{first}/{(first + 1) % 100:02d}"


def trend_picture(figures: Figures, view: IndicatorView, palette: Palette) -> charts.Spec:
    return charts.trend(lines(figures, view, palette), view.definition, palette, events(figures, view)) | {
        "height": TALL
    }


def benchmark_figure(figures: Figures, view: IndicatorView) -> Figure | None:
    if view.benchmark == "nation":
        return figures.figure(view.definition.name, nation_key(figures), view.school_year)
    if view.benchmark == "peers":
        found = None if view.whole else figures.figure(view.definition.name, peer_key(view.area), view.school_year)
        return found._replace(area="Liknande kommuner") if found else None
    return figures.region_figure(view.definition.name, view.key(), view.school_year)


def dot(
    area: str,
    figure: Figure | None,
    found: Verdict | None,
    definition: Definition,
    palette: Palette,
    *,
    strong: bool = False,
) -> comparisons.Dot:
    """A row of a comparison, or the word that says why there is no value."""
    if figure is None or not figure.shown or figure.value is None:
        status = marks.STATUSES.get(figure.status) if figure else None
        return comparisons.Dot(
            name=area,
            value=None,
            low=None,
            high=None,
            colour=palette.grey,
            text=status.word if status else "–",
            strong=strong,
        )
    mark = marks.VERDICTS[found.word] if found else None
    text = numbers.in_unit(figure.value, definition.unit, definition.decimals)
    return comparisons.Dot(
        name=area,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        colour=marks.verdict_colour(found.word, palette) if found else palette.grey,
        text=f"{text} {mark.sign}" if mark and mark.sign else text,
        words=mark.word if mark else "",
        strong=strong,
    )


def alternative(title: str, sentence: str) -> str:
    """The words a screen reader gets instead of a picture."""
    return f"{title}. {sentences.plain(sentence)} Samma värden står i tabellen under bilden."


def rows_for_export(figures: Figures, view: IndicatorView) -> list[tuple[Definition, Key, Figure]]:
    """Every own and official value of the indicator for this provider and stage, all areas and years."""
    found = []
    for key, series in figures.all_series(view.definition.name).items():
        own = key.series == "own" and key.provider == view.provider and key.stage == view.stage
        if own or key.series == "official":
            found += [(view.definition, key, each) for each in series]
    return found
