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
    "Choose date": "Välj datum",
    "Choose date range": "Välj datum från och till",
    "Clear date": "Ta bort datumet",
    "Clear dates": "Ta bort datumen",
    "Date range": "Datum från och till",
    "Quick select a date range": "Välj bland vanliga tider",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.": "Gå mellan datum med pilarna, välj med Retur, stäng med Escape.",
    "Selectbox options": "Val",
    "Multiselect options": "Val",
    "Selected values": "Valda",
    "Clear entry": "Rensa",
    "Invalid input.": "Det går inte att läsa det du skrev.",
    "Close Search": "Stäng sökningen",
    "Next Result": "Nästa träff",
    "Previous Result": "Föregående träff",
    "Type to search": "Skriv för att söka",
    "No options": "Det finns inget att välja",
    "Button action menu": "Meny",
    "Link to heading": "Länk till rubriken",
    "Pagination": "Sidor",
    "Clear caches": "Rensa",
    "Clear cache": "Rensa",
    "Please wait...": "Vänta …",
    "Try again": "Försök igen",
    "Continue anyway": "Fortsätt ändå",
    "Connection timed out.": "Tjänsten svarade inte i tid.",
    "Network issue": "Något gick fel med nätet",
    "Unknown error": "Okänt fel",
    "Unknown Error": "Okänt fel",
    "Script execution error": "Något gick fel på sidan",
    "Traceback:": "Felet:",
    "Error:": "Fel:",
    "Download failed": "Filen gick inte att hämta",
    "View less": "Visa färre",
    "About": "Om",
    "Theme": "Färger",
    "Light": "Ljust",
    "Dark": "Mörkt",
    "Use system setting": "Som datorn",
    "Notifications": "Meddelanden",
    "Copy": "Kopiera",
    "Rename": "Byt namn",
    "Count": "Antal",
    "25th percentile": "25:e percentilen",
    "75th percentile": "75:e percentilen",
    "Distribution histogram": "Fördelning",
    "Top values frequency chart": "De vanligaste värdena",
    "Incompatible value": "Värdet går inte att visa",
    "Failed to load data": "Uppgifterna gick inte att hämta",
    "Chart": "Bild",
    "Streamlit logo": "",
    "Connection lost. Please wait for the app to reconnect, then try again.": "Anslutningen bröts. Vänta tills sidan ansluter igen och försök då en gång till.",
    "Is Streamlit still running? If you accidentally stopped Streamlit, just restart it in your terminal:": "Tjänsten svarar inte. Den kan vara omstartad. Sidan ansluter igen av sig själv när den svarar.",
    "Streamlit server is not responding. Are you connected to the internet?": "Tjänsten svarar inte. Den kan vara omstartad, eller nätet borta. Sidan ansluter igen av sig själv när den svarar.",
    "streamlit run yourscript.py": "",
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
    (r"^File must be (\d+)(?:\.0)?\s?([KMGT]?B) or smaller\.?$", r"Filen får vara högst $1 $2."),
    (r"^Error: File must be (\d+)(?:\.0)?\s?([KMGT]?B) or smaller\.?$", r"Filen får vara högst $1 $2."),
    (r"^Error: (.+) files are not allowed\.?$", r"Filtypen $1 tas inte emot."),
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
    (r"^Connection failed with status (\d+).*$", r"Tjänsten svarade med fel $1."),
    (r"^Request failed with status(?: code)? (\d+).*$", r"Tjänsten svarade med fel $1."),
    (r"^(\d+) results?$", r"$1 träffar"),
    (r"^(\d+) of (\d+)$", r"$1 av $2"),
    (r"^(\d+) of (\d+) results?$", r"$1 av $2 träffar"),
    (r"^Choose date, (.+)$", r"Välj datum, $1"),
    (r"^View (\d+) more$", r"Visa $1 till"),
    (r"^Page (\d+)$", r"Sida $1"),
    (r"^Add: (.+)$", r"Lägg till: $1"),
    (r"^Create \"(.+)\"$", r"Lägg till ”$1”"),
    (r"^Press (.+) to (?:apply|submit form)$", r"Tryck $1 för att spara"),
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
    return Ready(f"<style>{style}</style>{FIND}<script>{script(paths)}</script>")


@functools.cache
def script(paths: tuple[str, ...]) -> str:
    """The script of every page, which runs once however often it comes; `paths` are the addresses that exist."""
    text = (ASSETS / "samsyn.js").read_text(encoding="utf-8")
    text = text.replace("__WORDS__", json.dumps(WORDS, ensure_ascii=False))
    text = text.replace("__PATTERNS__", json.dumps(PATTERNS, ensure_ascii=False))
    return text.replace("__PATHS__", json.dumps(paths))


def _groups(firsts: tuple[str, ...]) -> str:
    """A thin line before the first entry of each group in the navigation."""
    entries = ", ".join(f'[data-testid="stTopNavLink"][href$="/{path}"]' for path in firsts)
    return f":is({entries}) {{ box-shadow: -0.45rem 0 0 -0.4rem var(--line); }}" if firsts else ""
