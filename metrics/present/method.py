"""The method page: every definition, how protection and uncertainty work, the glossary, and what Samsyn does not answer."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from metrics.present import definitions, html, joins, numbers, waiting
from metrics.present.figures import Figures
from metrics.present.rug import themes
from metrics.vocabulary import GLOSSARY, Term

STATUSES = (
    (
        "dold",
        "Dold för att skydda enskilda. Varför just det värdet är dolt sägs inte, eftersom skälet kan avslöja. Dold är inte noll.",
    ),
    ("ännu ej", "Kan inte observeras ännu: eleverna har inte hunnit fram till det som mäts."),
    ("saknas", "Uppgifterna är inte inlämnade."),
    ("ej aktuell", "Måttet gäller inte här."),
    ("ej jämförbar", "Värdet är framtaget på ett sätt som inte går att jämföra med de andra."),
)
UNCERTAINTY = (
    "Bakom varje andel står n, antalet elever i nämnaren. Osäkerheten (95 % säkerhet, Wilsons intervall) säger hur mycket "
    "andelen kan variera av slump om förutsättningarna upprepades.",
    "Ett värde kallas **bättre** eller **sämre** än jämförelsen bara när skillnaden är säker. Den ska hålla trots att båda är "
    "osäkra och trots att år skiljer sig åt av andra skäl. **Klart** bättre eller sämre betyder 99,8 % säkerhet i stället för 95 %. "
    "Annars **går det inte att skilja**, vilket inte är samma sak som att det är lika.",
    "Många jämförelser görs samtidigt. Därför räknas kraven om för alla mått och kommuner tillsammans (Benjamini och "
    "Hochberg). Av de skillnader som sägs beror i längden högst 5 av 100 på slump, och av de klara högst 2 av 1 000. "
    "Det görs en gång när utgåvan skapas, så ett filter ändrar aldrig ett omdöme.",
    "En **trend** sägs bara med minst fem läsår i följd, när sannolikheten för slump är under 0,2 % och riktningen står "
    "kvar vilket år som än tas bort. Ett brott i serien stoppar trenden tills fem nya år finns.",
    "En plats bland kommunerna är alltid ett intervall (”plats 3–9 av 13”). Samsyn gör inga topplistor.",
)
EXPECTED = (
    "**Väntat värde** på sidan Jämför kommer av en logistisk modell över regionens elever, en per mått, period och stadium. I "
    "den ingår kön, svensk eller utländsk bakgrund, föräldrarnas utbildning och om eleven är nyanländ. Var och en är med när "
    "den är känd för minst 80 % av eleverna. Medelvärdet av modellens sannolikheter för eleverna vid en modelltyps skolor är det väntade. Huvudman är "
    "inte bakgrund och räknas inte bort. Intervallet är vidare än slumpens, eftersom skolor skiljer sig åt också av annat.",
    "**Liknande skolor** är för varje skola med modellen de två utan den som ligger närmast i väntat värde och storlek. "
    "**Kombinationer** är skolor med exakt de modeller som nämns. Väntade värden, liknande skolor och kombinationer är "
    "avrundade så långt att ingen kan räkna ut fem elevers resultat eller bakgrund ur dem. Modellens egna koefficienter ges "
    "aldrig ut.",
)
PROTECTION = (
    "Små grupper, och alla värden som skulle avslöja en liten grupp genom subtraktion, döljs. Hela utgåvan löses som ett "
    "problem, och innan den släpps prövas den av ett angrepp som försöker räkna ut det dolda. Lyckas det stoppas utgåvan.",
    "Allt som räknas fram ur ett dolt värde är också dolt: procent, osäkerhet, omdöme, plats, trend och mening.",
)
NOT_ANSWERED = (
    (
        "Varför det ser ut som det gör.",
        "Siffrorna visar att något skiljer sig, inte varför. Orsaker får sökas i verksamheten.",
    ),
    (
        "Hur det går för en enskild elev.",
        "Samsyn visar grupper. Det finns inga sidor om personer, och det ska inte finnas några.",
    ),
    ("Vilken kommun som är bäst.", "Skillnader i elevernas bakgrund gör en topplista meningslös."),
    (
        "Om en skillnad i nivå mellan skolor med och utan en modell beror på modellen.",
        "En skillnad i nivå är inte en effekt. Sidan Effekt följer i stället skolor före och efter starten.",
    ),
    (
        "Om arbetet i en enda kommun ledde till resultat.",
        "Det går inte att skilja från annat som hände där. Sidan Effekt säger vad som gäller modellen i flera kommuner.",
    ),
    ("Hur eleverna mår.", "Hälsa och trygghet mäts i andra källor, till exempel enkäter."),
)


def heads(figures: Figures) -> str:
    """Everything above the definitions."""
    statuses = html.table("Ord i stället för siffror", ["Ord", "Vad det betyder"], STATUSES, text_columns=2)
    left = (
        f'<div class="sy-body">{html.section("Så läser du siffrorna")}{html.paragraphs(*UNCERTAINTY)}'
        f"{html.section('Jämfört med elevernas bakgrund')}{html.paragraphs(*EXPECTED)}</div>"
    )
    right = (
        f'<div class="sy-body">{html.section("Så skyddas enskilda")}{html.paragraphs(*PROTECTION)}</div>{statuses}'
        f"{html.section('Det här svarar Samsyn inte på')}{_not_answered()}"
    )
    return html.columns((1, 1), (left, right))


def _not_answered() -> str:
    items = "".join(f"<li><strong>{escape(question)}</strong> {escape(why)}</li>" for question, why in NOT_ANSWERED)
    return f'<div class="sy-body"><ul>{items}</ul></div>'


def all_definitions(figures: Figures) -> str:
    """Every definition by its title, folded by theme; each leads to the whole of it."""
    parts = [
        html.section(
            "Definitioner",
            "Varje mått som utgåvan innehåller, så som det var definierat när den gjordes. Välj ett tema, sedan ett mått.",
        )
    ]
    for theme, found in themes(list(figures.definitions.values())).items():
        links = (
            html.link(each.title, html.address("metod", indikator=each.name, utgava=figures.release.id))
            for each in found
        )
        listed = "".join(f"<li>{each}</li>" for each in links)
        counted = numbers.counted(len(found), "mått", "mått", neuter=True)
        parts.append(html.details(f"{theme} ({counted})", f'<div class="sy-body"><ul>{listed}</ul></div>'))
    return "".join(parts)


def definition(figures: Figures, name: str) -> str:
    """One definition in full; "" for a name that the release does not know."""
    found = figures.definitions.get(name)
    return html.section(f"{found.theme}: {found.title}") + definitions.facts(found) if found else ""


HEADINGS = ("Mått", "Tema", "Fråga", "Täljare", "Nämnare", "Enhet", "Riktning", "Skydd", "Version", "Granskad")


def rows(figures: Figures) -> list[list[str]]:
    """Every definition as a row of a table to download."""
    return [
        [
            each.title,
            each.theme,
            each.question,
            each.numerator_label,
            each.denominator_label,
            definitions.UNIT.get(each.unit, each.unit),
            definitions.POLARITY[each.polarity],
            definitions.SENSITIVE.get(each.sensitive, ""),
            str(each.version),
            numbers.day(each.reviewed),
        ]
        for found in themes(list(figures.definitions.values())).values()
        for each in found
    ]


def glossary(asked: str = "", terms: Iterable[Term] = GLOSSARY) -> str:
    """The words of both professions, in Swedish order; the one asked for stands first."""
    ordered = sorted(terms, key=lambda term: (term.swedish != asked, numbers.order(term.swedish)))
    rows = [[term.swedish, term.meaning, term.profession] for term in ordered]
    table = html.table("Ordlista", ["Ord", "Betydelse", "Används av"], rows, text_columns=3)
    title = "Ordlista för båda professionerna"
    return html.section(title) + table if asked else html.section(title) + html.details("Visa alla ord", table)


def _waiting(figures: Figures) -> str:
    held = waiting.listed(figures.held, figures.definitions)
    return f"{numbers.listed(held)}. {waiting.WHY}" if held else ""


def release_facts(figures: Figures) -> str:
    """What the release itself says: when, by whom, how it was audited, and who has delivered."""
    release = figures.release
    pairs = [
        ("Utgåva", f"{release.id} (nr {release.manifest.get('number', '')})"),
        ("Skapad", numbers.day(release.created)),
        ("Anmärkning", str(release.manifest.get("note", ""))),
        ("Granskning", str(release.manifest.get("signed_by") or "")),
        ("Område", f"{release.region.get('title', '')}: {numbers.listed(release.member_names)}"),
        ("Officiella värden", figures.official_source),
        ("Kopplingar mellan skola och socialtjänst", joins.facts(figures)),
        ("Väntar på fler ändringar", _waiting(figures)),
    ]
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs if text)
    return html.section("Om utgåvan") + f'<dl class="sy-facts sy-release">{items}</dl>'
