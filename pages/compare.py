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

SOURCE = f"Utgåvans värden. {say.NOT_ADJUSTED}"


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
    _levels(page, chosen, title)
    sheet.html(
        html.section("Ledde modellerna till resultat?", f"{chosen.definition.short_title}, hela regionen."),
        effect_links.of_outcome(figures, indicator, view.href),
        html.section("Jämfört med elevernas bakgrund"),
    )
    if adjusted.there(figures, chosen):
        _expected(page, chosen, title)
    else:
        sheet.html(html.paragraphs(adjusted.lacking(figures, chosen)))
    _combined(page, chosen, title)
    if chosen.whole:
        _by_member(page, chosen)
    _every_indicator(page, chosen)
    sheet.html(html.paragraphs(say.NOT_HERE))
    return Answer(question=say.QUESTION, sentence=say.answer(figures, chosen))


def _levels(page: Page, chosen: CompareView, title: str) -> None:
    """The models beside each other."""
    figures, sheet, heading = page.figures, page.sheet, "Modellerna bredvid varandra"
    rows = say.rows(figures, chosen)
    panel(
        sheet,
        name="modeller-jamforda",
        heading=heading,
        title=title,
        said=say.NOT_ADJUSTED,
        build=lambda colours: say.picture(figures, chosen, colours),
        twin=html.listing(title, say.HEADINGS, rows),
        figures=figures,
        drawn=say.drawable(figures, chosen),
    )
    downloads.texts(sheet, "jamfor", say.HEADINGS, lambda: rows, figures, title, SOURCE)


def _expected(page: Page, chosen: CompareView, title: str) -> None:
    """Against what was expected from the pupils' background, and against schools that are alike."""
    figures, sheet = page.figures, page.sheet
    against, explained = adjusted.table(figures, chosen), adjusted.explained(figures, chosen)
    name = f"{title}: mot det väntade"
    panel(
        sheet,
        name="modeller-vantat",
        heading="Skillnad mot det väntade, procentenheter",
        title=name,
        said=explained,
        build=lambda colours: adjusted.picture(figures, chosen, colours),
        twin=html.listing(name, adjusted.HEADINGS, against),
        figures=figures,
        drawn=adjusted.drawable(figures, chosen),
    )
    source = f"Utgåvans värden. {explained}"
    downloads.texts(sheet, "jamfor-vantat", adjusted.HEADINGS, lambda: against, figures, name, source)
    sheet.html(html.paragraphs(adjusted.rounded(figures, chosen)))
    alike = adjusted.similar_table(figures, chosen)
    sheet.html(html.section("Liknande skolor utan modellen", adjusted.SIMILAR))
    _table(page, "jamfor-liknande", f"{title}: liknande skolor", adjusted.SIMILAR_HEADINGS, alike, adjusted.SIMILAR)


def _combined(page: Page, chosen: CompareView, title: str) -> None:
    """Schools with several models."""
    figures = page.figures
    combined = adjusted.combined_table(figures, chosen)
    said = f"{say.overlap_sentence(figures, chosen)} {adjusted.COMBINED}"
    page.sheet.html(html.section("Skolor med flera modeller", said))
    if combined:
        name = f"Kombinationer av modeller: {title}"
        _table(page, "jamfor-kombinationer", name, adjusted.COMBINED_HEADINGS, combined, adjusted.COMBINED)


def _by_member(page: Page, chosen: CompareView) -> None:
    """One model in each municipality."""
    view, figures = page.view, page.figures
    there = {model: TITLES[model] for model in say.models(figures, chosen)}
    if there:
        model = view.choose("modell", "En modell per kommun", there, next(iter(there)), apart=True)
        page.sheet.html(view.box("modell"))
        rows = say.member_rows(figures, chosen, model)
        name = f"{TITLES[model]} per kommun"
        _table(page, "jamfor-kommuner", name, say.MEMBER_HEADINGS, rows, say.NOT_ADJUSTED)


def _every_indicator(page: Page, chosen: CompareView) -> None:
    """All indicators and models, one click below."""
    figures, key = page.figures, (page.figures.release.id, chosen.area)
    headings, rows = shared(("compare matrix", *key), lambda: say.matrix(figures, chosen.area))
    name = f"Alla mått och modeller, {say.place(figures, chosen)}, senaste perioden"
    reading = html.paragraphs("Inom parentes: värdets nämnare, oftast antal elever; för tidsmåtten minuter.")
    made = kept(("matrix", *key), lambda: html.table(name, headings, rows, text_columns=2))
    page.sheet.html(html.details("Alla mått och modeller", made + reading))
    downloads.texts(page.sheet, "jamfor-alla", headings, lambda: rows, figures, name, SOURCE)


def _table(
    page: Page, name: str, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], method: str
) -> None:
    """A table with its files; `method` is how its values came to be."""
    page.sheet.html(html.listing(title, headings, rows))
    downloads.texts(page.sheet, name, headings, lambda: rows, page.figures, title, f"Utgåvans värden. {method}")


show_page("jamfor", say.QUESTION, build)
