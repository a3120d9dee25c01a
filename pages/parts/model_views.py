"""The views of the page modeller: coverage, start and end, goals, ways of working, staff, the model card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from metrics.present import effect_links, grant, html, mapping, model_card, model_coverage, model_time, numbers
from metrics.present import models as say
from metrics.present.indicator import REGION
from metrics.present.models import Instance, ModelsView
from metrics.vocabulary import ALL, STAGES
from pages.parts import downloads
from pages.parts.page import Page
from pages.parts.panel import panel

SOURCE = "Registret över samverkansmodeller i utgåvan"
Show = Callable[[Page, ModelsView], None]


def _table(
    page: Page,
    name: str,
    title: str,
    said: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    text_columns: int = 1,
) -> None:
    """One table with its heading, sentence and files."""
    page.sheet.html(html.section(title, said), html.listing(title, headings, rows, text_columns=text_columns))
    downloads.texts(page.sheet, name, headings, lambda: rows, page.figures, title, SOURCE)


def _coverage(page: Page, chosen: ModelsView) -> None:
    view, figures, sheet = page.view, page.figures, page.sheet
    stages = {each: STAGES[each] for each in (ALL, *model_coverage.STAGES_COVERED)}
    stage = view.choose("stadium", "Stadium", stages, "7-9")
    years = model_coverage.years(figures)
    found = model_coverage.units(figures, chosen, stage)
    if not found or not years:
        sheet.html(
            html.section("Täckning") + html.notice("Utgåvan har ingen förteckning över skolenheter med stadiet.")
        )
        return
    year = years[-1]
    title = f"Skolenheter och modeller per läsår, {STAGES[stage].lower()}"

    def covered() -> str:
        said = html.section("Luckor och överlapp", model_coverage.sentence(found, year, stage))
        if not chosen.whole:
            return said + model_coverage.grid(title, found, years) + model_coverage.key()
        rows = model_coverage.member_rows(found, years)
        return said + html.listing(title, ("Kommun", *years), rows) + html.paragraphs(model_coverage.RULE)

    def by_model() -> str:
        caption = f"Skolenheter per modell läsåret {year}"
        said = html.section(caption, "En skolenhet med två modeller står under båda och en gång i summan.")
        return said + html.table(caption, ("Modell", "Skolenheter"), model_coverage.by_model(found, year))

    def by_combination() -> str:
        caption, several = "Skolenheter med flera modeller", model_coverage.by_combination(found, year)
        said = html.section(caption, "De räknas också under var och en av sina modeller.")
        return said + html.table(caption, ("Modeller", "Skolenheter"), several) if several else ""

    sheet.html(covered())
    rows = partial(model_coverage.unit_rows, found, years, member=True)
    downloads.texts(sheet, "tackning", ("Skolenhet", "Kommun", *years), rows, figures, title, SOURCE)
    left, right = sheet.columns(1, 1)
    left.html(by_model())
    right.html(by_combination())


def _time(page: Page, chosen: ModelsView) -> None:
    figures, sheet = page.figures, page.sheet
    found = say.chosen(figures, chosen)
    if not found:
        return
    today, title = figures.release.created[:10], "När modellerna började och slutade"
    panel(
        sheet,
        name="start-och-slut",
        title=title,
        said=f"{say.timeline_sentence(found)} {model_time.legend(found)}".strip(),
        build=lambda colours: model_time.picture(found, today, colours),
        twin=html.listing(title, say.TIMELINE_HEADINGS, say.timeline_rows(found), text_columns=6),
        figures=figures,
    )
    downloads.texts(sheet, "start", say.TIMELINE_HEADINGS, lambda: say.timeline_rows(found), figures, title, SOURCE)
    changes = say.change_rows(figures, found)
    if changes:
        made = html.table("Ändringar i registret", say.CHANGE_HEADINGS, changes, text_columns=5)
        sheet.html(html.details(f"Ändringar i registret ({numbers.count(len(changes))})", made))


def _goals(page: Page, chosen: ModelsView) -> None:
    figures = page.figures
    found = say.chosen(figures, chosen, running=True)
    for column, title, what in (("target_groups", "Målgrupper", "målgrupp"), ("goals", "Mål", "mål")):
        rows = say.word_table(found, column)
        headings = (title, *say.WORD_HEADINGS[1:])
        said = say.missing_sentence(found, column, what)
        _table(page, column.replace("_", "-"), title, said, headings, rows, text_columns=4)


def _ways(page: Page, chosen: ModelsView) -> None:
    figures, sheet = page.figures, page.sheet
    running = say.chosen(figures, chosen, running=True)
    found = [each for each in running if each.model == _most(running)]
    title = f"Arbetssätt sida vid sida: {found[0].title}" if found else "Arbetssätt"
    if len(found) < 2:
        sheet.html(html.section(title, say.alike_sentence(found)))
        return
    headings, rows = say.side_by_side(found)
    _table(page, "arbetssatt", title, say.alike_sentence(found), headings, rows, text_columns=len(headings))
    if chosen.model == ALL and len({each.model for each in running}) > 1:
        sheet.html(html.paragraphs("Du ser den modell som flest har. Välj en annan modell i rutan Modell."))


def _most(found: Sequence[Instance]) -> str:
    kinds = [each.model for each in found]
    return max(dict.fromkeys(kinds), key=kinds.count) if kinds else ""


def _staff(page: Page, chosen: ModelsView) -> None:
    figures, sheet = page.figures, page.sheet
    found = say.chosen(figures, chosen, running=True)
    headings, rows = say.staff_rows(found)
    title = "Heltidstjänster per kommun och yrke"
    _table(page, "personal", title, say.staff_sentence(found), headings, rows)
    rows = say.competence_rows(found)
    said = "Kompetenser som finns och som behövs, enligt teamen själva."
    _table(page, "kompetens", "Kompetenser som saknas", said, say.COMPETENCE_HEADINGS, rows, text_columns=2)
    factors = model_card.factor_rows(figures, found)
    title = "Framgångsfaktorer bredvid utfall"
    _table(page, "faktorer", title, model_card.BESIDE, model_card.FACTOR_HEADINGS, factors, text_columns=4)
    for column, title in (("success_factors", "Framgångsfaktorer"), ("challenges", "Utmaningar")):
        used = [row for row in say.word_table(found, column) if row[1] != "inget"]
        ranked = sorted(used, key=lambda row: -int(row[1]))
        made = html.table(title, (title, *say.WORD_HEADINGS[1:]), ranked, text_columns=4)
        sheet.html(html.details(f"{title} som teamen anger ({numbers.count(len(ranked))})", made))


def _card(page: Page, chosen: ModelsView) -> None:
    view, figures, sheet = page.view, page.figures, page.sheet
    found = say.chosen(figures, chosen)
    if not found:
        return
    names = {each.key: each.key for each in found}
    key = view.choose("instans", "Team", names, next(iter(names)))
    each = next(one for one in found if one.key == key)
    left, right = sheet.columns(1, 1)
    facts = model_card.facts(each, model_card.unit_names(figures))
    left.html(html.section(each.key), model_card.facts_html(facts))
    downloads.texts(left, "modellkort", ("Uppgift", each.key), lambda: facts, figures, each.key, SOURCE)
    downloads.team(left, each.key, figures)
    if each.model == grant.MODEL and each.municipality in grant.members(figures):
        downloads.grant(left, each.municipality, figures)
        left.html(html.paragraphs(grant.UNCHECKED))
    right.html(
        html.section(f"Så är {each.title} tänkt att verka", model_card.chain_sentence(figures, each.model)),
        model_card.goal_tree(figures, each.model),
        html.section("Oönskade effekter som bevakas"),
        model_card.unintended(figures, each.model),
        html.section("Kunskap från andra håll"),
        model_card.evidence(each.model),
    )
    rows = model_card.expected_rows(figures, each.model)
    if rows:
        said = "Ett resultat gäller modellen i hela regionen. Ett enda team går inte att avgöra för sig."
        right.html(html.section("Förväntade resultat och utfall", said))
        right.html(html.table("Förväntade resultat", model_card.EXPECTED_HEADINGS, rows, text_columns=3))
    if evaluated := effect_links.of_model(figures, each.model, view.href):
        right.html(html.section("Ledde det till resultat?") + evaluated)
    others = model_card.like(each, say.chosen(figures, ModelsView(area=REGION, model=ALL), running=True))
    if others:
        said = "De som har mest gemensamt i målgrupp, mål, väg in och arbetssätt står först."
        _table(page, "vilka-gor-som-vi", "Vilka gör som vi?", said, model_card.LIKE_HEADINGS, others, text_columns=4)


def _mapping(page: Page, chosen: ModelsView) -> None:
    view, figures, sheet = page.view, page.figures, page.sheet
    there = mapping.rounds(figures)
    if not there:
        sheet.html(html.section("Kartläggning") + html.notice(mapping.EMPTY))
        return
    year = view.choose("omgang", "Omgång", {each: each for each in there}, there[0])
    before = next((each for each in there if each < year), "")
    source = f"Kartläggningen {year}"
    said = f"{mapping.answered_sentence(figures, year, chosen)} {mapping.none_sentence(figures, year, chosen.model)}"
    rows = mapping.answered_rows(figures, year, chosen)
    sheet.html(html.section("Vilka har svarat", said.strip()))
    sheet.html(html.details("Svar per kommun", html.table("Vilka har svarat", mapping.ANSWERED_HEADINGS, rows)))
    downloads.texts(sheet, "svarande", mapping.ANSWERED_HEADINGS, lambda: rows, figures, "Vilka har svarat", source)
    title, where = "Var skolan och socialtjänsten svarar olika", "Svaren gäller hela regionen; per kommun är de för få."
    headings, answers = mapping.word_headings(year, before), mapping.word_rows(figures, year, before, chosen.model)
    sheet.html(html.section(title, f"{mapping.differ_sentence(figures, year, chosen.model)} {where}"))
    sheet.html(html.listing(title, headings, answers, text_columns=2))
    downloads.texts(sheet, "kartlaggning", headings, lambda: answers, figures, title, source)
    scales = mapping.scale_rows(figures, year, before, chosen.model)
    title, headings = "Hur samverkan fungerar", mapping.scale_headings(year, before)
    sheet.html(html.section(title, mapping.SCALE_NOTE) + html.table(title, headings, scales))
    downloads.texts(sheet, "pastaenden", headings, lambda: scales, figures, title, source)
    sheet.html(html.paragraphs(mapping.PROTECTED))


SHOW: Mapping[str, Show] = {
    "tackning": _coverage,
    "tid": _time,
    "mal": _goals,
    "arbetssatt": _ways,
    "personal": _staff,
    "kort": _card,
    "kartlaggning": _mapping,
}
