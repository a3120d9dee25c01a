"""The rug: members x indicators as one real HTML table, every cell a value with n, verdict, trend and a way in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from metrics.present import marks, numbers, sentences
from metrics.present.figures import Figure, Figures, Key, TrendFound, Verdict
from metrics.present.html import address
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import ALL


@dataclass(frozen=True, kw_only=True)
class RugView:
    """What the rug is of."""

    school_year: str
    provider: str = ALL
    stage: str = ALL
    benchmark: str = "rest_of_region"
    release: str = ""


def rug(figures: Figures, definitions: Sequence[Definition], view: RugView) -> str:
    """The table; one row group per theme, members in Swedish order, the region last."""
    columns = _columns(figures)
    title = f"Mått och kommuner läsåret {view.school_year}"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(_theme(figures, theme, rows, view, columns) for theme, rows in themes(definitions).items())
    slots = len(columns) + 1 if any(figures.has_series(each.name, "official") for each in definitions) else len(columns)
    return _frame(title, f'<th scope="col" class="sy-corner">Mått</th>{head}', body, len(columns), slots)


def _columns(figures: Figures) -> list[str]:
    members = figures.release.member_names
    return [*members, figures.region_name] if len(members) > 1 else members


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


def _theme(
    figures: Figures, theme: str, definitions: Sequence[Definition], view: RugView, columns: Sequence[str]
) -> str:
    title = f'<tr class="sy-theme"><th scope="rowgroup" colspan="{len(columns) + 1}">{escape(theme)}</th></tr>'
    return f"<tbody>{title}{''.join(_row(figures, each, view) for each in definitions)}</tbody>"


def _row(figures: Figures, definition: Definition, view: RugView) -> str:
    cells = [_member_cell(figures, definition, name, view) for name in figures.release.member_names]
    if len(cells) > 1:
        cells.append(_region_cell(figures, definition, view))
    return f"<tr>{_row_heading(definition, view)}{''.join(cells)}</tr>"


def _row_heading(definition: Definition, view: RugView) -> str:
    href = _href(definition, "", view)
    unit = ", %" if definition.unit in numbers.SHARES else ""
    return (
        f'<th scope="row"><a href="{escape(href)}" title="{escape(definition.title)}">'
        f'{escape(definition.short_title)}<span class="sy-unit">{unit}</span></a></th>'
    )


def _href(definition: Definition, area: str, view: RugView) -> str:
    return address(
        "indikator",
        indikator=definition.name,
        kommun=area,
        lasar=view.school_year,
        huvudman=view.provider if view.provider != ALL else "",
        jamfor=view.benchmark,
        utgava=view.release,
    )


def _member_cell(figures: Figures, definition: Definition, area: str, view: RugView) -> str:
    key = Key(area=area, provider=view.provider, stage=view.stage)
    figure = figures.figure(definition.name, key, view.school_year)
    verdict = figures.verdict(definition.name, key, view.school_year, view.benchmark)
    trend = figures.trend(definition.name, key)
    trend = trend if trend and trend.school_year == view.school_year else None
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    return cell(figure, definition, area, _href(definition, area, view), verdict, trend, benchmark)


def _region_cell(figures: Figures, definition: Definition, view: RugView) -> str:
    key = Key(provider=view.provider, stage=view.stage)
    figure = figures.region_figure(definition.name, key, view.school_year)
    area = figure.area if figure else figures.region_name
    trend = figures.trend(definition.name, key._replace(area=area)) if figure else None
    trend = trend if trend and trend.school_year == view.school_year else None
    found = cell(figure, definition, area, _href(definition, "", view), None, trend, "")
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
        sentences.value_sentence(figure, definition, area, figure.school_year),
        f"{numbers.capital(figure.mark)}." if figure.mark else "",
        sentences.verdict_sentence(verdict, definition, benchmark) if verdict else "",
        sentences.trend_sentence(trend, definition) if trend and trend.word in ("rising", "falling") else "",
    ]
    return sentences.plain(" ".join(part for part in parts if part))


def official_rug(
    figures: Figures, definitions: Sequence[Definition], view: RugView, source: str, title: str = "Officiell statistik"
) -> str:
    """Published official figures under the same columns, the nation last; "" where the year has none."""
    rows = [each for each in definitions if figures.has_series(each.name, "official")]
    columns = [*_columns(figures), figures.nation_name]
    bodies = [_official_row(figures, each, view, columns) for each in rows]
    if not any("sy-value" in body for body in bodies):
        return ""
    title = f"{title} läsåret {view.school_year}, {source}"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    label = '<th scope="col" class="sy-corner">Officiella värden</th>'
    body = f"<tbody>{''.join(bodies)}</tbody>"
    return _frame(title, f"{label}{head}", body, len(columns), len(columns), " sy-official")


def _official_row(figures: Figures, definition: Definition, view: RugView, columns: Sequence[str]) -> str:
    members = figures.release.member_names
    cells = []
    for area in columns:
        kind = "municipality" if area in members else "nation" if area == figures.nation_name else "region"
        figure = figures.figure(definition.name, Key(series="official", area_type=kind, area=area), view.school_year)
        found = cell(figure, definition, area, _href(definition, area if area in members else "", view), None, None, "")
        cells.append(found if area in members else found.replace('<td class="', '<td class="sy-region ', 1))
    return f"<tr>{_row_heading(definition, view)}{''.join(cells)}</tr>"


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
    ("v-x", "↗↘", "säker trend"),
)


def legend(present: str) -> str:
    """The key of the rug: only what stands in `present`, the rug's HTML."""
    items = [
        f'<li><span class="sy-swatch {css}" aria-hidden="true">{sign}</span>{word}</li>'
        for css, sign, word in KEYS
        if (f'class="{css}"' in present if css != "v-x" else "sy-way" in present)
    ]
    return f'<ul class="sy-key" aria-label="Teckenförklaring">{"".join(items)}</ul>' if items else ""
