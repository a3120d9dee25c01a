"""tillganglighet: the accessibility statement, in the words of the law it answers to."""

from __future__ import annotations

from metrics.present import html
from pages.parts.page import Answer, Page, show_page

QUESTION = "Hur tillgänglig är Samsyn?"
WORKS = (
    "Allt går att nå och använda med tangentbordet, och det som har fokus syns.",
    "Varje bild har en mening som säger vad den visar och en tabell med samma värden.",
    "Färg bär aldrig betydelse ensam: tecken och ord står bredvid. Blått och orange används i stället för grönt och rött.",
    "Texten går att förstora till 200 procent utan att något försvinner. Ljust och mörkt läge följer inställningen i datorn.",
    "Sidorna är på svenska, även det som läses upp.",
)
LACKS = (
    "Punkterna i bilderna går inte att nå en och en med tangentbordet. Använd tabellen under bilden.",
    "Breda tabeller rullas i sidled på små skärmar.",
)

ANSWER = (
    "Målet är WCAG 2.2 nivå AA, som lagen om tillgänglighet till digital offentlig service kräver. "
    "Varje sida prövas automatiskt med axe i ljust och mörkt läge, och med tangentbord, innan en ny version släpps."
)


def build(page: Page) -> Answer:
    works = "".join(f"<li>{text}</li>" for text in WORKS)
    lacks = "".join(f"<li>{text}</li>" for text in LACKS)
    page.sheet.html(
        f'<div class="sy-body">{html.section("Det här fungerar")}<ul>{works}</ul>'
        + f"{html.section('Det här återstår')}<ul>{lacks}</ul>"
        + html.section("Säg till om något hindrar dig")
        + html.paragraphs(
            "Kontakta Göteborgsregionen, som svarar för Samsyn. Är du inte nöjd med svaret kan du anmäla det till "
            "Myndigheten för digital förvaltning (Digg), som har tillsyn över lagen."
        )
        + "</div>"
    )
    return Answer(question=QUESTION, sentence=ANSWER)


show_page("tillganglighet", QUESTION, build)
