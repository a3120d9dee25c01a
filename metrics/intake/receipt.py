"""The receipt of a stored batch, for the sender's own records: on screen, as CSV and as a tagged PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import typst

from metrics.declare import Extract
from metrics.intake.findings import SEVERITY_TEXT, Finding
from metrics.intake.handing_in import reason_for
from metrics.intake.template import table_bytes
from metrics.vault import Batch

SWEDEN = ZoneInfo("Europe/Stockholm")
MODE_TEXT: Mapping[str, str] = {
    "replace": "ersätter det som eventuellt fanns för samma perioder och skolenheter",
    "add": "läggs till det som redan fanns för samma perioder och skolenheter",
}
SEPARATE = (
    "Leveransen är mottagen och kan ångras. Inget har getts ut: det gör GR i ett eget steg, "
    "efter granskning och underskrift av en annan person."
)
HEADINGS = ("Allvar", "Kod", "Vad", "Var", "Skäl")


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was received: `facts` are pairs of label and text, `findings` rows under HEADINGS."""

    batch: int
    title: str
    facts: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, ...], ...]

    @property
    def file_name(self) -> str:
        return f"kvitto-leverans-{self.batch}"


def receipt(batch: Batch, extract: Extract | None) -> Receipt:
    """The receipt of this batch; without the extract's declaration its name stands instead of its title."""
    kind = extract.title if extract else batch.extract
    facts = [
        ("Leverans", str(batch.batch)),
        ("Mottagen", local_time(batch.stored_at)),
        ("Organisation", batch.sender),
        ("Inlämnad av", batch.principal),
        ("Slag av uttag", kind),
        ("Fil", batch.file_name or "utan namn"),
        ("Storlek", f"{_spaced(batch.size)} byte"),
        ("Kontrollsumma (SHA-256)", batch.sha256),
        ("Teckenkodning", batch.encoding or "–"),
        ("Källsystem", batch.source_system or "inte angivet"),
        *_key_facts(batch, extract),
        ("Rader", _spaced(batch.row_count)),
        ("Perioder", ", ".join(batch.periods) or "inga"),
        ("Skolenheter", _spaced(batch.units)),
        ("Vid överlapp", MODE_TEXT[batch.mode]),
    ]
    if batch.undone_at:
        facts.append(("Ångrad", f"{local_time(batch.undone_at)} av {batch.undone_by}: {batch.undone_reason}"))
    found = tuple(_finding_row(finding, batch) for finding in kept_findings(batch))
    title = f"Kvitto på leverans {batch.batch}"
    return Receipt(batch=batch.batch, title=title, facts=tuple(facts), findings=found)


def _spaced(number: int) -> str:
    """A number with its thousands apart, as Swedes write it."""
    return f"{number:,}".replace(",", "\u00a0")


def _key_facts(batch: Batch, extract: Extract | None) -> list[tuple[str, str]]:
    """Which key the pseudonyms were made with, and whether it is the one before; nothing for a file without pseudonyms."""
    if extract is not None and not extract.space:
        return []
    if not batch.key_id:
        return [("Pseudonymernas nyckel", "filen säger inte vilken")]
    told = (
        "första leveransen som säger vilken"
        if not batch.key_before
        else "samma som i leveransen före"
        if batch.key_before == batch.key_id
        else f"en annan än i leveransen före, som hade {batch.key_before}"
    )
    return [("Pseudonymernas nyckel", f"{batch.key_id} ({told})")]


def kept_findings(batch: Batch) -> tuple[Finding, ...]:
    """The findings that were stored with the batch."""
    return tuple(Finding(**{**each, "rows": tuple(each["rows"])}) for each in json.loads(batch.findings))


def _finding_row(finding: Finding, batch: Batch) -> tuple[str, ...]:
    reason = reason_for(finding, batch.reasons) if finding.severity == "warning" else ""
    return (SEVERITY_TEXT[finding.severity], finding.code, finding.sentence, finding.where or "hela filen", reason)


def local_time(moment: datetime) -> str:
    """A stored moment (UTC) as Swedish local time, 2026-11-23 14:05."""
    return f"{moment.replace(tzinfo=UTC).astimezone(SWEDEN):%Y-%m-%d %H:%M}"


def as_csv(made: Receipt) -> bytes:
    """The receipt as a CSV file: the facts, and one row per finding with its reason."""
    rows: list[tuple[str, ...]] = [(label, text) for label, text in made.facts]
    rows += [(f"{severity} {code}", *rest) for severity, code, *rest in made.findings]
    rows.append(("Utgivning", SEPARATE))
    return table_bytes(("Uppgift", "Innehåll", "Var", "Skäl"), [[*row, "", "", ""][:4] for row in rows])


def as_pdf(made: Receipt, *, printed: datetime | None = None) -> bytes:
    """The receipt as a tagged PDF (PDF/UA-1) in Swedish; `printed` is the time in the document's own record."""
    content = {
        "title": made.title,
        "facts": [list(fact) for fact in made.facts],
        "headings": list(HEADINGS),
        "findings": [list(row) for row in made.findings],
        "separate": SEPARATE,
    }
    made_at = (printed or datetime.now(UTC)).replace(tzinfo=UTC, microsecond=0)
    return bytes(
        typst.compile(
            _PAGE.encode("utf-8"),
            sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=int(made_at.timestamp()),
        )
    )


_PAGE = """
#let content = json(bytes(sys.inputs.content))
#let long(words) = if words.len() > 60 and not words.contains(" ") {
  text(8pt, font: "DejaVu Sans Mono", hyphenate: false, words)
} else { words }
#set document(title: content.title, author: "Samsyn")
#set page(paper: "a4", margin: (x: 22mm, y: 22mm), footer: context align(right, text(8pt)[Samsyn · #content.title · sida #counter(page).display()]))
#set text(lang: "sv", size: 10pt, font: ("Source Sans 3", "Liberation Sans", "DejaVu Sans", "Libertinus Serif"))
#set par(leading: 0.6em)
#show heading: set text(fill: rgb("#0B5C6B"))
#show table.cell.where(y: 0): set text(weight: "bold")
= #content.title
#content.separate
#v(4mm)
#table(
  columns: (45mm, 1fr), stroke: (x, y) => (bottom: 0.4pt + rgb("#D5D1C7")), inset: (x: 0pt, y: 5pt), align: left,
  table.header([Uppgift], [Innehåll]),
  ..content.facts.map(fact => (fact.at(0), long(fact.at(1)))).flatten()
)
== Fynd i filen
#if content.findings.len() == 0 [Inga fynd: filen hade varken varningar eller upplysningar.] else {
  set text(size: 9pt)
  table(
    columns: (19mm, 28mm, 1fr, 32mm, 36mm), stroke: (x, y) => (bottom: 0.4pt + rgb("#D5D1C7")), inset: (x: 3pt, y: 5pt), align: left,
    table.header(..content.headings),
    ..content.findings.flatten()
  )
}
"""
