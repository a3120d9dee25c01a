"""The framework's own English words in Swedish, and the script that replaces them where they appear."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from urllib.parse import quote

from metrics.present.html import Ready

ASSETS = Path(__file__).resolve().parent / "assets"

WORDS = {
    "Upload": "Välj fil",
    "Upload files": "Välj filer",
    "Browse files": "Välj filer",
    "Drag and drop file here": "Släpp filen här",
    "Drag and drop files here": "Släpp filer här",
    "Drag and drop directories here": "Släpp mappar här",
    "Select all": "Välj alla",
    "Clear all": "Rensa",
    "Clear value": "Rensa",
    "Clear": "Rensa",
    "No results": "Inga träffar",
    "No results.": "Inga träffar.",
    "No options to select.": "Det finns inget att välja.",
    "Choose an option": "Välj",
    "Choose options": "Välj",
    "Select an option": "Välj",
    "Choose a date": "Välj datum",
    "Select a date.": "Välj datum.",
    "Loading...": "Hämtar …",
    "Loading": "Hämtar",
    "Running...": "Arbetar …",
    "Running": "Arbetar",
    "Connecting": "Ansluter",
    "Connecting...": "Ansluter …",
    "Reconnecting": "Ansluter igen",
    "Main menu": "Meny",
    "More": "Mer",
    "Close": "Stäng",
    "Cancel": "Avbryt",
    "Stop": "Avbryt",
    "Rerun": "Kör om",
    "Settings": "Inställningar",
    "Print": "Skriv ut",
    "Search": "Sök",
    "Fullscreen": "Helskärm",
    "Close fullscreen": "Stäng helskärm",
    "Exit fullscreen": "Stäng helskärm",
    "Download as CSV": "Ladda ner som CSV",
    "Show/hide columns": "Visa eller dölj kolumner",
    "View fullscreen": "Helskärm",
    "Copy to clipboard": "Kopiera",
    "Copied": "Kopierat",
    "Remove file": "Ta bort filen",
    "Add files": "Lägg till filer",
    "Add file": "Lägg till fil",
    "add icon": "lägg till",
    "Increment": "Öka",
    "Decrement": "Minska",
    "Remove": "Ta bort",
    "Delete": "Ta bort",
    "Show more": "Visa fler",
    "Show data": "Visa data",
    "Show chart": "Visa bild",
    "Page not found": "Sidan finns inte",
    "Connection error": "Anslutningen bröts",
    "Is Streamlit still running?": "Svarar inte tjänsten kan den vara omstartad.",
    "Something went wrong": "Något gick fel",
    "Oh no.": "Något gick fel.",
    "Press Enter to apply": "Tryck Retur för att söka",
    "Press Enter to submit form": "Tryck Retur för att skicka",
    "Press ⌘+Enter to apply": "Tryck ⌘+Retur för att spara",
    "Press Ctrl+Enter to apply": "Tryck Ctrl+Retur för att spara",
    "Open": "Öppna",
    "open": "öppna",
    "Help": "Hjälp",
    "Skip to main content": "Hoppa till innehållet",
    "Scroll left": "Bläddra vänster",
    "Scroll right": "Bläddra höger",
    "Previous page": "Föregående sida",
    "Next page": "Nästa sida",
    "Previous month": "Föregående månad",
    "Next month": "Nästa månad",
    "Toggle expand": "Visa eller dölj",
    "main content": "innehåll",
    "Main navigation": "Huvudmeny",
    "App pages": "Sidor",
    "Graphics Symbol": "Bild",
    "Vega visualization": "Bild",
    "Visualization": "Bild",
    "visualization": "bild",
    "group mark container": "bild",
    "Dismiss": "Stäng",
    "file upload": "välj fil",
    "File upload": "Välj fil",
    "Dataframe column menu": "Kolumnens meny",
    "Pin column": "Lås kolumnen",
    "Unpin column": "Lås upp kolumnen",
    "Hide column": "Dölj kolumnen",
    "Copy column name": "Kopiera kolumnens namn",
    "Autosize": "Anpassa bredden",
    "Sort ascending": "Sortera stigande",
    "Sort descending": "Sortera fallande",
    "Add row": "Lägg till rad",
    "Statistics": "Statistik",
    "Based on sample": "Bygger på ett urval",
    "No content": "Inget innehåll",
    "No data": "Inga uppgifter",
    "Automatic": "Automatiskt",
    "Localized": "Enligt språket",
    "Plain": "Enkelt",
    "Compact": "Kort",
    "Percent": "Procent",
    "Scientific": "Vetenskapligt",
    "Accounting": "Bokföring",
    "Distance": "Avstånd i tid",
    "Calendar": "Kalender",
    "Duration": "Varaktighet",
    "Average": "Medelvärde",
    "Average length": "Medellängd",
    "Minimum": "Minst",
    "Minimum length": "Kortast",
    "Maximum": "Störst",
    "Maximum length": "Längst",
    "Standard deviation": "Standardavvikelse",
    "Distinct": "Olika värden",
    "Range": "Spännvidd",
    "Values": "Värden",
    "Sum": "Summa",
    "Empty": "Tomma",
    "Clear selection": "Ta bort markeringen",
    "Cancel (Escape)": "Avbryt (Escape)",
    "Edit": "Ändra",
    "Delete row(s)": "Ta bort rader",
}
PATTERNS = (
    (r"^(\d+) options? available\.(.*)$", r"$1 val finns."),
    (r"^option (.+), (?:focused|selected)\.(.*)$", r"$1."),
    (r"^Download as PNG: (.+)$", r"Ladda ner som PNG: $1"),
    (r"^Copy Vega-Lite spec: (.+)$", r"Kopiera bildens beskrivning: $1"),
    (r"^Fullscreen: (.+)$", r"Helskärm: $1"),
    (r"^Selected (.+?)\. (.+)$", r"Valt: $1. $2"),
    (r"^Limit (\d+)\s?([KMGT]?B) per file(?: • (.+))?$", r"Högst $1 $2 per fil $3"),
    (r"^(\d+)\s?([KMGT]?B) per file(?: • (.+))?$", r"Högst $1 $2 per fil $3"),
    (r"^(.+) files are not allowed\.?$", r"Filtypen $1 tas inte emot."),
    (r"^File must be (.+) or smaller\.?$", r"Filen får vara högst $1."),
    (r"^(.+, )?(\d+)(?:\.(\d+))?\s?B$", r"$1$2 byte"),
    (r"^(.+, )?(\d+)\.(\d+)\s?KB$", r"$1$2,$3 kB"),
    (r"^(.+, )?(\d+)\.(\d+)\s?([MG]B)$", r"$1$2,$3 $4"),
    (r"^open (.+)$", r"öppna $1"),
    (r"^Remove (.+)$", r"Ta bort $1"),
    (r"^(\d+) selected$", r"$1 valda"),
    (
        r"^The page that you have requested does not seem to exist\..*$",
        "Adressen finns inte i Samsyn. Du ser första sidan i stället.",
    ),
    (
        r"^You have requested page (.+), but no corresponding file was found.*$",
        "Adressen $1 finns inte i Samsyn. Du ser första sidan i stället.",
    ),
    (
        r"^This app has encountered an error\..*$",
        "Något gick fel på sidan, och felet är noterat. Ladda om sidan. Händer det igen: säg till den som driver Samsyn.",
    ),
    (r"^Help for (.+)$", r"Hjälp om $1"),
    (r"^(\d+)/(\d+) · Press Enter to apply$", r"$1/$2 · Tryck Retur för att söka"),
)


FIND = (
    '<form class="sy-find" role="search"><input type="search" autocomplete="off" enterkeyhint="search" '
    'aria-label="Sök mått, kommun, modell eller ord" placeholder="Sök i Samsyn"></form>'
)
"""The search of every page: samsyn.js leads to its hits on Översikt."""


@functools.cache
def icon() -> str:
    """The icon of every page, as an address that holds the picture itself: a run then reads no file."""
    return "data:image/svg+xml," + quote((ASSETS / "icon.svg").read_text(encoding="utf-8"))


@functools.cache
def head(paths: tuple[str, ...], firsts: tuple[str, ...] = ()) -> Ready:
    """The style, script and search box that every page carries; `paths` are the addresses that exist, `firsts` begin a group of them."""
    style = (ASSETS / "samsyn.css").read_text(encoding="utf-8") + _groups(firsts)
    script = (ASSETS / "samsyn.js").read_text(encoding="utf-8")
    script = script.replace("__WORDS__", json.dumps(WORDS, ensure_ascii=False))
    script = script.replace("__PATTERNS__", json.dumps(PATTERNS, ensure_ascii=False))
    script = script.replace("__PATHS__", json.dumps(paths))
    return Ready(f"<style>{style}</style>{FIND}<script>{script}</script>")


def _groups(firsts: tuple[str, ...]) -> str:
    """A thin line before the first entry of each group in the navigation."""
    entries = ", ".join(f'[data-testid="stTopNavLink"][href$="/{path}"]' for path in firsts)
    return f":is({entries}) {{ box-shadow: -0.45rem 0 0 -0.4rem var(--line); }}" if firsts else ""
