"""The rug: members x indicators as one real HTML table, every cell a value with n, verdict, trend and a way in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from metrics.present import counties, marks, numbers, rug_counties, sentences
from metrics.present.figures import Figure, Figures, Key, TrendFound, Verdict, once
from metrics.present.html import address
from metrics.present.lines import Line, main_period, members, verdicts
from metrics.present.sentences import when
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import ALL


@dataclass(frozen=True, kw_only=True)
class RugView:
    """What the rug is of; `school_year` "" is the newest of each indicator, `theme` "" the leading ones of all."""

    school_year: str = ""
    provider: str = ALL
    stage: str = ALL
    benchmark: str = "rest_of_region"
    theme: str = ""
    release: str = ""
    county: str = ""
    """Of a large region, the county whose members are seen; "" is all of them, each as a sum."""

    def summed(self, figures: Figures) -> bool:
        """Whether counties stand where members would."""
        return not self.county and counties.large(figures)


def rug(figures: Figures, found: Sequence[Line], view: RugView) -> str:
    """The table; one row group per theme, members in Swedish order, the region last."""
    columns = _columns(figures, view)
    summed, way = view.summed(figures), county_ways(figures, view)
    which = "län" if summed else "kommuner"
    title = f"Mått och {which}, {when(view.school_year)}" if view.school_year else f"Mått och {which}, senaste värden"
    names = [_member_heading(name, figures, view) for name in columns]
    if summed:
        names = [*rug_counties.headings(figures, way), escape(figures.region_name)]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(_theme(figures, theme, rows, view, columns) for theme, rows in by_theme(found).items())
    official = any(figures.has_series(each.definition.name, "official") for each in found)
    period = numbers.capital(when(main_period(found)))
    period += ", om inget annat står" if len({each.period for each in found}) > 1 else ""
    corner = f'<th scope="col" class="sy-corner">{escape(period)}</th>'
    return _frame(title, f"{corner}{head}", body, len(columns), len(columns) + official, " sy-sums" if summed else "")


def _member_heading(name: str, figures: Figures, view: RugView) -> str:
    """A member's name leads to its page; the region's is only a name."""
    if name not in figures.release.member_names:
        return escape(name)
    href = address("kommun", utgava=view.release, kommun=name, jamfor=view.benchmark, huvudman=view.provider)
    return f'<a class="sy-member" href="{escape(href)}">{escape(name)}</a>'


def _columns(figures: Figures, view: RugView) -> list[str]:
    """What stands beside each other: members, or the counties of a large region, and the region last."""
    summed = view.summed(figures)
    names = list(counties.members(figures)) if summed else list(counties.among(figures, view.county))
    return [*names, figures.region_name] if len(figures.release.member_names) > 1 else names


def county_ways(figures: Figures, view: RugView) -> dict[str, str]:
    """The way from each county of a large region to its members, by the county's code."""
    if not view.summed(figures):
        return {}
    return {code: _overview(view, lan=code, tema=view.theme) for code in counties.members(figures)}


def _overview(view: RugView, **other: str) -> str:
    return address(
        "./",
        **other,
        lasar=view.school_year,
        jamfor=view.benchmark,
        huvudman=view.provider,
        stadium=view.stage,
        utgava=view.release,
    )


def _frame(title: str, head: str, body: str, columns: int, slots: int, css: str = "") -> str:
    """`columns` of `slots` equal places, so that two tables under each other line up."""
    after = f"sy-after-{columns}-{len(body)}"
    return (
        f'<a class="sy-skip" href="#{after}">Hoppa förbi tabellen</a>'
        f'<div class="sy-scroll sy-rugbox{css}" role="region" tabindex="0" aria-label="{escape(title)}">'
        f'<table class="sy-rug" style="--columns:{columns};--slots:{slots}"><caption class="sy-sr">{escape(title)}</caption>'
        f"<thead><tr>{head}</tr></thead>{body}</table></div>"
        f'<span id="{after}" tabindex="-1"></span>'
    )


def themes(definitions: Sequence[Definition]) -> Mapping[str, list[Definition]]:
    """Indicators by theme, themes and indicators in their order."""
    found: dict[str, list[Definition]] = {}
    for definition in definitions:
        found.setdefault(definition.theme, []).append(definition)
    return found


def by_theme(found: Sequence[Line]) -> Mapping[str, list[Line]]:
    """Rows by theme, in their order."""
    parts: dict[str, list[Line]] = {}
    for line in found:
        parts.setdefault(line.definition.theme, []).append(line)
    return parts


def _theme(figures: Figures, theme: str, found: Sequence[Line], view: RugView, columns: Sequence[str]) -> str:
    size = sum(each.theme == theme for each in figures.definitions.values())
    title = escape(theme)
    if not view.theme and size > len({each.definition.name for each in found}):
        href = _overview(view, tema=theme, lan=view.county)
        title = f'<a href="{escape(href)}">{title}<span class="sy-more">alla {size} mått</span></a>'
    head = f'<tr class="sy-theme"><th scope="rowgroup" colspan="{len(columns) + 1}">{title}</th></tr>'
    names = ["", *(each.definition.name for each in found)]
    again = [first == second for first, second in itertools.pairwise(names)]
    rows = (_row(figures, each, view, same) for each, same in zip(found, again, strict=True))
    return f"<tbody>{head}{''.join(rows)}</tbody>"


def _row(figures: Figures, line: Line, view: RugView, again: bool) -> str:
    """`again`: the row above is of the same indicator, whose title then need not be seen twice."""
    if view.summed(figures):
        cells = rug_counties.cells(figures, line, view.benchmark, county_ways(figures, view))
        return f"<tr>{_row_heading(line, view, again)}{''.join(cells)}{_region_cell(figures, line, view)}</tr>"
    among = counties.among(figures, view.county)
    there, judged = members(figures, line, among), verdicts(figures, line, view.benchmark)
    trends = figures.trends(line.definition.name, line.key(""))
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    cells = []
    for name in among:
        figure, trend = there.get(name), trends.get(name)
        trend = trend if trend and figure and trend.period_to == figure.period_to else None
        to = href(line, name, view)
        cells.append(cell(figure, line.definition, name, to, judged.get(name), trend, benchmark))
    if len(figures.release.member_names) > 1:
        cells.append(_region_cell(figures, line, view))
    return f"<tr>{_row_heading(line, view, again)}{''.join(cells)}</tr>"


def _row_heading(line: Line, view: RugView, again: bool = False) -> str:
    definition = line.definition
    unit = f'<span class="sy-unit">,{numbers.HARD}%</span>' if definition.unit in numbers.SHARES else ""
    note = f'<span class="sy-note">{escape(line.note)}</span>' if line.note else ""
    title = f"{escape(definition.short_title).replace('/', '/<wbr>')}{unit}"
    title = f'<span class="sy-sr">{title}</span>' if again and note else title
    opened = f'<a href="{escape(href(line, "", view))}" title="{escape(definition.title)}">'
    return f'<th scope="row">{opened}{title}{note}</a></th>'


def href(line: Line, area: str, view: RugView) -> str:
    """The page of the line's indicator, seen from an area, with the same provider, stage, period and benchmark."""
    return address(
        "indikator",
        indikator=line.definition.name,
        kommun=area,
        period=line.period,
        huvudman=line.provider if line.provider != ALL else "",
        stadium=line.stage if line.stage != ALL else "",
        jamfor=view.benchmark,
        utgava=view.release,
    )


def trend_of(figures: Figures, line: Line, area: str, figure: Figure | None) -> TrendFound | None:
    """The trend of a series if it ends with this figure."""
    trend = figures.trend(line.definition.name, line.key(area))
    return trend if trend and figure and trend.period_to == figure.period_to else None


def _region_cell(figures: Figures, line: Line, view: RugView) -> str:
    figure = figures.region_figure(line.definition.name, line.key(""), line.period)
    area = figure.area if figure else figures.region_name
    trend = trend_of(figures, line, area, figure)
    found = cell(figure, line.definition, area, href(line, "", view), None, trend, "")
    return found.replace('<td class="', '<td class="sy-region ', 1)


def cell(
    figure: Figure | None,
    definition: Definition,
    area: str,
    href: str,
    verdict: Verdict | None,
    trend: TrendFound | None,
    benchmark: str,
) -> str:
    """One cell: coloured by verdict, with a sign and words, never by colour alone."""
    if figure is None:
        return '<td class="s-none"><span class="sy-word" title="Utgåvan har inget värde här">–</span></td>'
    if not figure.shown or figure.value is None:
        return _silent_cell(figure, definition, area, href)
    mark = marks.VERDICTS[verdict.word] if verdict else marks.NO_VERDICT
    arrow = marks.TRENDS[trend.word] if trend and trend.word in ("rising", "falling") else None
    said = _said(figure, definition, area, verdict, trend, benchmark)
    size = f'<span class="sy-n">{_size(figure)}</span>'
    signs = f'<span class="sy-sign" aria-hidden="true">{mark.sign}</span>' if mark.sign else ""
    way = f'<span class="sy-way" aria-hidden="true">{arrow.sign}</span>' if arrow else ""
    words = ", ".join(word for word in (mark.word if verdict else "", arrow.word if arrow else "") if word)
    spoken = f'<span class="sy-sr"> {words}</span>' if words else ""
    value = numbers.number(figure.value, definition.decimals)
    return (
        f'<td class="{mark.css}"><a href="{escape(href)}" title="{escape(said)}">{signs}'
        f'<span class="sy-value">{value}{way}</span>{size}{spoken}</a></td>'
    )


def _size(figure: Figure) -> str:
    if figure.incomplete:
        return figure.area.split(", ")[-1]
    return f"n&nbsp;{numbers.count(figure.denominator)}" if figure.denominator is not None else "&nbsp;"


def _silent_cell(figure: Figure, definition: Definition, area: str, href: str) -> str:
    mark = marks.STATUSES.get(figure.status)
    word = mark.word if mark else figure.mark
    why = STATUS_TEXT.get(Status(figure.status), "") or f"känt inom gränser: {figure.mark}"
    said = f"{definition.short_title}, {area}: {why}"
    css = mark.css if mark else "v-x"
    return f'<td class="{css}"><a href="{escape(href)}" title="{escape(said)}"><span class="sy-word"><span>{escape(word)}</span></span></a></td>'


def _said(
    figure: Figure,
    definition: Definition,
    area: str,
    verdict: Verdict | None,
    trend: TrendFound | None,
    benchmark: str,
) -> str:
    parts = [
        f"{definition.short_title}.",
        sentences.value_sentence(figure, definition, area, figure.label),
        f"{numbers.capital(figure.mark)}." if figure.mark else "",
        sentences.verdict_sentence(verdict, definition, benchmark) if verdict else "",
        sentences.trend_sentence(trend, definition) if trend and trend.word in ("rising", "falling") else "",
    ]
    return sentences.plain(" ".join(part for part in parts if part))


def official_rug(
    figures: Figures, definitions: Sequence[Definition], view: RugView, source: str, title: str = "Officiell statistik"
) -> str:
    """Published official figures under the same columns, the nation last; "" where the year or the columns have none."""
    if view.summed(figures):
        return ""
    rows = [each for each in definitions if figures.has_series(each.name, "official")]
    columns = [*_columns(figures, view), figures.nation_name]
    bodies = [_official_row(figures, each, view, columns) for each in rows]
    if not any("sy-value" in body for body in bodies):
        return ""
    title = f"{title} {when(official_period(figures, rows, view))}, {source}"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    label = '<th scope="col" class="sy-corner">Officiella värden</th>'
    body = f"<tbody>{''.join(bodies)}</tbody>"
    return _frame(title, f"{label}{head}", body, len(columns), len(columns), " sy-official")


def official_period(figures: Figures, definitions: Sequence[Definition], view: RugView) -> str:
    """The chosen year, or the newest one with official figures."""
    if view.school_year:
        return view.school_year
    return max((_newest_official(figures, each.name) for each in definitions), default="")


@once
def _newest_official(figures: Figures, indicator: str) -> str:
    official = (some for key, some in figures.all_series(indicator).items() if key.series == "official")
    return max((each.label for some in official for each in some), default="")


def _official_row(figures: Figures, definition: Definition, view: RugView, columns: Sequence[str]) -> str:
    among = set(counties.among(figures, view.county))
    period = official_period(figures, [definition], view)
    line = Line(definition=definition, provider=view.provider, stage=ALL, period=period)
    cells = []
    for area in columns:
        kind = "municipality" if area in among else "nation" if area == figures.nation_name else "region"
        figure = figures.figure(definition.name, Key(series="official", area_type=kind, area=area), period)
        found = cell(figure, definition, area, href(line, area if area in among else "", view), None, None, "")
        cells.append(found if area in among else found.replace('<td class="', '<td class="sy-region ', 1))
    return f"<tr>{_row_heading(line, view)}{''.join(cells)}</tr>"


KEYS = (
    ("v-bb", "++", "klart bättre"),
    ("v-b", "+", "bättre"),
    ("v-0", "", "går inte att skilja"),
    ("v-w", "–", "sämre"),
    ("v-ww", "– –", "klart sämre"),
    ("v-n", "△▽", "högre, lägre (ingen värdering)"),
    ("s-hidden", "", "dold för att skydda enskilda"),
    ("s-not-yet", "", "kan inte observeras ännu"),
    ("s-missing", "", "inte inlämnad"),
    ("v-x", "", "jämförs inte: ett fullständigt värde att jämföra med saknas"),
    ("sy-trend", "↗↘", "säker trend"),
)


def legend(present: str) -> str:
    """The key of the rug: only what stands in `present`, the rug's HTML."""
    items = [
        f'<li><span class="sy-swatch {css}" aria-hidden="true">{sign}</span>{word}</li>'
        for css, sign, word in KEYS
        if (f'class="{css}"' in present if css != "sy-trend" else "sy-way" in present)
        and not (css == "v-x" and "sy-sums" in present)
    ]
    return f'<ul class="sy-key" aria-label="Teckenförklaring">{"".join(items)}</ul>' if items else ""
