"""What the page of one municipality says: its profile on every indicator, and the gaps between its groups."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from metrics.present import (
    html,
    indicator,
    indicator_tables,
    lines,
    marks,
    numbers,
    rug,
    sentences,
)
from metrics.present.figures import Figure, Figures, Key, TrendFound, Verdict, lately
from metrics.present.lines import Line
from metrics.present.rug import RugView
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import ALL

SPINE_COLOURS = {
    **dict.fromkeys(marks.BETTER, "sp-better"),
    **dict.fromkeys(marks.WORSE, "sp-worse"),
    **dict.fromkeys((*marks.HIGHER, *marks.LOWER), "sp-other"),
}

EMPTY = "Här visas en kommun i taget när det första uttaget är inlämnat och en utgåva är gjord."


@dataclass(frozen=True, kw_only=True)
class ProfileView:
    """One member and one benchmark; `school_year` "" is the newest of each indicator, `theme` "" the leading ones."""

    area: str
    school_year: str = ""
    benchmark: str = "rest_of_region"
    provider: str = ALL
    stage: str = ALL
    pooled: bool = False
    theme: str = ""
    release: str = ""

    @property
    def when(self) -> str:
        """The year as a heading has it: läsåret 2024/25, or senaste värden."""
        return sentences.when(self.school_year) if self.school_year else "senaste värden"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One indicator for the member, with what it is compared to."""

    line: Line
    figure: Figure | None
    pooled: Figure | None
    verdict: Verdict | None
    trend: TrendFound | None
    others: tuple[float, ...]
    benchmark: Figure | None
    nation: Figure | None
    peers: Figure | None = None

    @property
    def definition(self) -> Definition:
        return self.line.definition

    @property
    def drawn(self) -> Figure | None:
        return self.pooled or self.figure


@lately
def chosen_lines(figures: Figures, view: ProfileView) -> list[Line]:
    """The leading indicators, or all of a theme, each at its own stage and period."""
    chosen = lines.leading(list(figures.definitions.values()), view.theme)
    found = lines.lines(figures, chosen, provider=view.provider, stage=view.stage, period=view.school_year)
    every = view.theme or len(chosen) == len(figures.definitions)
    return found if every else lines.readable(figures, found)


def rows(figures: Figures, view: ProfileView) -> list[Row]:
    """Every chosen indicator that has a word to say about the member."""
    found = [_row(figures, each, view) for each in chosen_lines(figures, view)]
    found = [row for row in found if row.figure or row.nation]
    return found or [_official_only(figures, each, view) for each in figures.definitions.values()]


def _row(figures: Figures, line: Line, view: ProfileView) -> Row:
    name, key, period = line.definition.name, line.key(view.area), line.period
    figure = figures.figure(name, key, period)
    verdict = figures.verdict(name, key, period, view.benchmark)
    rest = figures.figure(name, line.key(view.area, area_type="rest_of_region"), period) or _compared(figure, verdict)
    nation = figures.figure(name, indicator.nation_key(figures), period)
    peers = figures.figure(name, indicator.peer_key(view.area), period)
    region = figures.region_figure(name, key, period)
    return Row(
        line=line,
        figure=figure,
        pooled=figures.figure(name, line.key(view.area, pooled=True), period) if view.pooled else None,
        verdict=verdict,
        trend=rug.trend_of(figures, line, view.area, figure),
        others=lines.span(figures, line),
        benchmark={
            "rest_of_region": rest if region and not region.incomplete else None,
            "region": region,
            "nation": nation,
            "peers": peers,
        }.get(view.benchmark),
        nation=nation,
        peers=peers,
    )


def _compared(figure: Figure | None, verdict: Verdict | None) -> Figure | None:
    """What a verdict compares with, where the release has no row of it: a large region without the member."""
    if figure is None or verdict is None:
        return None
    bare = figure._replace(low=None, high=None, numerator=None, denominator=None)
    return bare._replace(area_type="rest_of_region", value=verdict.benchmark_value, mark="")


def _official_only(figures: Figures, definition: Definition, view: ProfileView) -> Row:
    years = figures.school_years()
    period = view.school_year or (years[0] if years else "")
    return _row(figures, Line(definition=definition, provider=view.provider, stage=ALL, period=period), view)


def answer(figures: Figures, view: ProfileView, found: Sequence[Row]) -> str:
    """The sentence under the question."""
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    words = {f"{row.definition.name} {row.line.stage}": row.verdict.word for row in found if row.verdict}
    return sentences.profile_sentence(view.area, words, [row.figure.status for row in found if row.figure], benchmark)


def profile_table(figures: Figures, view: ProfileView, found: Sequence[Row]) -> str:
    """The profile as a table whose pictures are decoration: every number stands in a cell."""
    benchmark = numbers.capital(sentences.benchmark_name(view.benchmark, figures.region_name))
    head = ["Mått", "Värde", *(["Tre läsår"] if view.pooled else []), "Bland kommunerna", benchmark]
    head += [] if view.benchmark == "nation" else [figures.nation_name]
    head += ["Liknande kommuner"] if with_peers(figures, view) else []
    head += ["Jämförelse", "Trend"]
    cells = "".join(f'<th scope="col"{_number_column(title)}>{escape(title)}</th>' for title in head)
    body = "".join(_body(figures, theme, list(part), view, len(head)) for theme, part in _themes(found))
    caption = f"Profil för {view.area}, {view.when}"
    return (
        f'<div class="sy-scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="sy-table sy-profile">'
        f'<caption class="sy-sr">{escape(caption)}</caption><thead><tr>{cells}</tr></thead>{body}</table></div>'
    )


def _themes(found: Sequence[Row]) -> Iterable[tuple[str, Iterable[Row]]]:
    return itertools.groupby(found, key=lambda row: row.definition.theme)


def _body(figures: Figures, theme: str, found: Sequence[Row], view: ProfileView, columns: int) -> str:
    """One theme's rows, with a way in to all of its indicators where only the leading ones stand."""
    size = sum(each.theme == theme for each in figures.definitions.values())
    title = escape(theme)
    if not view.theme and size > len({row.definition.name for row in found}):
        href = html.address(
            "kommun",
            kommun=view.area,
            tema=theme,
            lasar=view.school_year,
            jamfor=view.benchmark,
            huvudman=view.provider,
            trear="ja" if view.pooled else "",
            utgava=view.release,
        )
        title = f'<a href="{escape(href)}">{title}<span class="sy-more">alla {size} mått</span></a>'
    head = f'<tr class="sy-theme"><th scope="rowgroup" colspan="{columns}">{title}</th></tr>'
    peers = with_peers(figures, view)
    return f"<tbody>{head}{''.join(_table_row(row, view, peers) for row in found)}</tbody>"


def with_peers(figures: Figures, view: ProfileView) -> bool:
    """Whether the peer group has a column of its own."""
    return figures.has_peers and view.benchmark != "peers"


def _number_column(title: str) -> str:
    return "" if title in ("Mått", "Bland kommunerna", "Jämförelse", "Trend") else ' class="num"'


def _table_row(row: Row, view: ProfileView, peers: bool) -> str:
    definition = row.definition
    seen = RugView(benchmark=view.benchmark, release=view.release)
    href = rug.href(row.line, view.area, seen)
    note = f'<span class="sy-note">{escape(row.line.full_note)}</span>' if row.line.full_note else ""
    trend = marks.TRENDS[row.trend.word] if row.trend else None
    way = (
        f"{trend.sign} {marks.trend_word(row.trend.word, definition.polarity)}"
        if trend and row.trend and trend.sign
        else ""
    )
    cells = [
        f'<th scope="row">{html.link(definition.short_title, href, title=definition.title)}{note}</th>',
        _value_cell(row.figure, definition),
        _value_cell(row.pooled, definition) if view.pooled else "",
        f'<td class="sy-spinecell">{spine(row)}</td>',
        f'<td class="num">{_short(row.benchmark, definition)}</td>',
        "" if view.benchmark == "nation" else f'<td class="num">{_short(row.nation, definition)}</td>',
        f'<td class="num">{_short(row.peers, definition)}</td>' if peers else "",
        f"<td>{_verdict_word(row)}</td>",
        f"<td>{escape(way) or '–'}</td>",
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _value_cell(figure: Figure | None, definition: Definition) -> str:
    if figure is None:
        return '<td class="num">–</td>'
    if not figure.shown or figure.value is None:
        word = marks.STATUSES[figure.status].word if figure.status in marks.STATUSES else figure.mark
        return f'<td class="num"><span title="{escape(STATUS_TEXT.get(Status(figure.status), ""))}">{escape(word)}</span></td>'
    size = (
        f'<span class="sy-n">n&nbsp;{numbers.count(figure.denominator)}</span>'
        if figure.denominator is not None
        else ""
    )
    return f'<td class="num"><strong>{numbers.in_unit(figure.value, definition.unit, definition.decimals)}</strong>{size}</td>'


def _short(figure: Figure | None, definition: Definition) -> str:
    if figure is not None and not figure.shown and figure.status in marks.STATUSES:
        return escape(marks.STATUSES[figure.status].word)
    return escape(indicator_tables.short(figure, definition)) if figure else "–"


def _verdict_word(row: Row) -> str:
    if row.verdict is None:
        return "–"
    mark = marks.VERDICTS[row.verdict.word]
    sign = f'<span class="sy-swatch {mark.css}" aria-hidden="true">{mark.sign}</span> ' if mark.sign else ""
    return f"{sign}{mark.word}"


def spine(row: Row) -> str:
    """The member's value and interval within the span of the members, the benchmark as a tick; decoration only."""
    figure = row.drawn
    ends = [*row.others, *(each.value for each in (row.benchmark, row.nation) if each and each.value is not None)]
    if figure and figure.shown:
        ends += [end for end in (figure.low, figure.high, figure.value) if end is not None]
    if not ends:
        return ""
    low, high = min(ends), max(ends)
    room = (high - low) * 0.05 or 1.0

    def at(value: float) -> float:
        return round((value - low + room) / (high - low + 2 * room) * 100, 2)

    def mark(css: str, start: float, end: float | None = None) -> str:
        width = "" if end is None else f";width:{round(at(end) - at(start), 2)}%"
        return f'<span class="{css}" style="left:{at(start)}%{width}"></span>'

    parts = [mark("sp-span", min(row.others), max(row.others))] if len(row.others) > 1 else []
    if row.benchmark and row.benchmark.value is not None:
        parts.append(mark("sp-tick", row.benchmark.value))
    if figure and figure.shown and figure.value is not None:
        colour = SPINE_COLOURS.get(row.verdict.word, "") if row.verdict else ""
        if figure.low is not None and figure.high is not None:
            parts.append(mark(f"sp-whisker {colour}", figure.low, figure.high))
        parts.append(mark(f"sp-dot {colour}", figure.value))
    return f'<span class="sy-spine" aria-hidden="true">{"".join(parts)}</span>'


def rows_for_export(figures: Figures, view: ProfileView) -> list[tuple[Definition, Key, Figure]]:
    """Everything the release publishes about the member that year (or ever), all indicators, groups and models."""
    found = []
    for definition in figures.definitions.values():
        for key, series in figures.all_series(definition.name).items():
            if key.area == view.area and key.area_type == "municipality":
                found += [(definition, key, each) for each in series if view.school_year in ("", each.school_year)]
    return found


def same_in(other: Figures, row: Row, view: ProfileView) -> Figure | None:
    """The row's figure in another release."""
    return other.figure(row.definition.name, row.line.key(view.area), row.line.period)
