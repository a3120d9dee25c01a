"""jamfor: model types beside each other on the same indicators, with intervals, n, schools and members behind each."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.present import adjusted, effect_links, html
from metrics.present import compare as say
from metrics.present.compare import CompareView
from metrics.present.models import TITLES
from metrics.vocabulary import STAGES
from pages.parts import downloads, filters
from pages.parts.kept import kept, shared
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel
from pages.parts.sheet import Sheet


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    names = say.indicators(figures)
    if not names:
        return nothing_yet(page, say.QUESTION, say.EMPTY)

    indicator = view.choose("indikator", "Mått", names, next(iter(names)))
    area = filters.area(view, figures)
    stages = {each: STAGES.get(each, each) for each in say.stages(figures, indicator)}
    usual = filters.default_stage(stages)
    stage = view.choose("stadium", "Stadium", stages, usual) if len(stages) > 1 else view.fix("stadium", usual)
    chosen = CompareView(
        definition=figures.definitions[indicator],
        area=area,
        stage=stage,
        period=filters.period(view, figures, indicator, stage),
        provider=say.provider(figures, indicator),
    )
    title = f"{chosen.definition.title}, per modell, {say.place(figures, chosen)} {chosen.period}"
    sheet.html(html.notice(html.rich(say.NOT_EFFECT)))
    left, right = sheet.columns(1, 1)
    _levels(page, left, chosen, title)
    _expected(page, right, chosen, title)
    left, right = sheet.columns(1, 1)
    left.html(
        html.section("Ledde modellerna till resultat?", f"{chosen.definition.short_title}, hela regionen."),
        effect_links.of_outcome(figures, indicator, view.href),
    )
    _similar(page, right, chosen, title)
    _combined(page, right, chosen, title)
    if chosen.whole:
        _by_member(page, chosen, title)
    _every_indicator(page, chosen)
    sheet.html(html.details("Mått som inte finns per modell", html.paragraphs(say.NOT_HERE)))
    return Answer(question=say.QUESTION, sentence=say.answer(figures, chosen))


def _levels(page: Page, sheet: Sheet, chosen: CompareView, title: str) -> None:
    """The models beside each other; the table below, where its columns have room."""
    figures = page.figures
    rows = say.rows(figures, chosen)
    panel(
        sheet,
        name="modeller-jamforda",
        heading="Modellerna bredvid varandra",
        title=title,
        said=say.NOT_ADJUSTED,
        build=lambda colours: say.picture(figures, chosen, colours),
        twin="",
        figures=figures,
        drawn=say.drawable(figures, chosen),
    )
    source = say.source(chosen, say.NOT_ADJUSTED)
    page.sheet.html(html.details("Tabell: modellerna", html.listing(title, say.HEADINGS, rows)))
    downloads.texts(page.sheet, "jamfor", say.HEADINGS, lambda: rows, figures, title, source)


def _expected(page: Page, sheet: Sheet, chosen: CompareView, title: str) -> None:
    """Against what was expected from the pupils' background, or why that cannot be said."""
    figures = page.figures
    if not adjusted.there(figures, chosen):
        sheet.html(html.section("Jämfört med elevernas bakgrund", adjusted.lacking(figures, chosen)))
        return
    rows, explained = adjusted.table(figures, chosen), adjusted.explained(figures, chosen)
    name = f"{title}: mot det väntade"
    panel(
        sheet,
        name="modeller-vantat",
        heading="Jämfört med elevernas bakgrund",
        title=f"{name}, skillnad i procentenheter",
        said=adjusted.sentence(figures, chosen),
        build=lambda colours: adjusted.picture(figures, chosen, colours),
        twin=html.details("Vad är väntat?", html.paragraphs(explained, adjusted.rounded(figures, chosen))),
        figures=figures,
        drawn=adjusted.drawable(figures, chosen),
    )
    source = say.source(chosen, explained)
    page.sheet.html(html.details("Tabell: mot det väntade", html.listing(name, adjusted.HEADINGS, rows)))
    downloads.texts(page.sheet, "jamfor-vantat", adjusted.HEADINGS, lambda: rows, figures, name, source)


def _similar(page: Page, sheet: Sheet, chosen: CompareView, title: str) -> None:
    """Each model's schools beside those without it that are alike."""
    if adjusted.there(page.figures, chosen):
        rows = adjusted.similar_table(page.figures, chosen)
        sheet.html(html.section("Skolor som liknar varandra", adjusted.ALIKE))
        name = f"{title}: liknande skolor"
        _table(
            page,
            chosen,
            "jamfor-liknande",
            name,
            adjusted.SIMILAR_HEADINGS,
            rows,
            adjusted.SIMILAR,
            "Tabell: liknande skolor",
        )


def _combined(page: Page, sheet: Sheet, chosen: CompareView, title: str) -> None:
    """Schools with several models."""
    figures = page.figures
    rows = adjusted.combined_table(figures, chosen)
    sheet.html(html.section("Skolor med flera modeller", say.overlap_sentence(figures, chosen)))
    if rows:
        name = f"Kombinationer av modeller: {title}"
        _table(
            page,
            chosen,
            "jamfor-kombinationer",
            name,
            adjusted.COMBINED_HEADINGS,
            rows,
            adjusted.COMBINED,
            "Tabell: skolor med flera modeller",
        )


def _by_member(page: Page, chosen: CompareView, title: str) -> None:
    """One model in each municipality."""
    view, figures, sheet = page.view, page.figures, page.sheet
    there = {model: TITLES[model] for model in say.models(figures, chosen)}
    if there:
        model = view.choose("modell", "En modell per kommun", there, next(iter(there)), apart=True)
        rows = say.member_rows(figures, chosen, model)
        name = f"{title}: {TITLES[model]} per kommun"
        sheet.html(view.box("modell"), html.listing(name, say.MEMBER_HEADINGS, rows))
        downloads.texts(
            sheet,
            "jamfor-kommuner",
            say.MEMBER_HEADINGS,
            lambda: rows,
            figures,
            name,
            say.source(chosen, say.NOT_ADJUSTED),
        )


def _every_indicator(page: Page, chosen: CompareView) -> None:
    """All indicators and models, one click below."""
    figures, key = page.figures, (page.figures.release.id, chosen.area)
    headings, rows = shared(("compare matrix", *key), lambda: say.matrix(figures, chosen.area))
    name = f"Alla mått och modeller, {say.place(figures, chosen)}, senaste perioden"
    reading = html.paragraphs("Inom parentes: värdets nämnare, oftast antal elever; för tidsmåtten minuter.")
    made = kept(("matrix", *key), lambda: html.table(name, headings, rows, text_columns=2))
    page.sheet.html(html.details("Alla mått och modeller", made + reading))
    downloads.texts(
        page.sheet, "jamfor-alla", headings, lambda: rows, figures, name, f"Utgåvans värden. {say.NOT_ADJUSTED}"
    )


def _table(
    page: Page,
    chosen: CompareView,
    name: str,
    title: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    method: str,
    summary: str,
) -> None:
    """A table one click below, as wide as the page, with how its values came to be (`method`), and its files."""
    page.sheet.html(html.details(summary, html.paragraphs(method) + html.listing(title, headings, rows)))
    downloads.texts(page.sheet, name, headings, lambda: rows, page.figures, title, say.source(chosen, method))


show_page("jamfor", say.QUESTION, build)
