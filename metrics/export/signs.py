"""Groups that stand out as files: every sign with its definition, source, release and protection note."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.export import table
from metrics.present import early_signs
from metrics.present.early_signs import Entry
from metrics.present.figures import Figures
from metrics.present.marks import VERDICTS
from metrics.present.signs import COUNTED, Sign
from metrics.vocabulary import AREA_TYPES, BACKGROUNDS, SEXES, STAGES

HEADINGS = (
    "Mått",
    "Jämförelse med",
    "Område",
    "Typ av område",
    "Stadium",
    "Kön",
    "Bakgrund",
    "Period",
    "Antal i gruppen",
    "Värde",
    "Väntat värde",
    "Skillnad",
    "Undre gräns (95 %)",
    "Övre gräns (95 %)",
    "Enhet för skillnaden",
    "Bedömning",
    "Täljare enligt definitionen",
    "Nämnare enligt definitionen",
    "Definition",
    "Exempeldata",
    "Utgåva",
    "Avrundning",
    "Skydd",
)
AGAINST = {
    "expected": "samma grupp i övriga regionen",
    "changed": "gruppens egna senaste år",
    "counted": "gruppens egna senaste år",
}
TITLE = "Grupper som behöver uppmärksamhet"


def lines(entries: Sequence[Entry], figures: Figures) -> list[list[table.Cell]]:
    """Every sign of every group, in the order of HEADINGS."""
    return [_line(sign, figures) for each in entries for sign in (each.sign, *each.more)]


def _line(sign: Sign, figures: Figures) -> list[table.Cell]:
    definition = figures.definitions[sign.indicator]
    return [
        "Antal anmälda barn" if sign.test == COUNTED else definition.title,
        AGAINST[sign.test],
        sign.area,
        AREA_TYPES[sign.area_type],
        STAGES.get(sign.stage, sign.stage),
        SEXES[sign.sex],
        BACKGROUNDS[sign.background],
        sign.label,
        sign.size,
        sign.value,
        sign.expected,
        sign.difference,
        sign.low,
        sign.high,
        "procent" if sign.test == COUNTED else "procentenheter",
        VERDICTS[sign.word].word,
        definition.numerator_label,
        definition.denominator_label,
        f"version {definition.version}",
        "Exempeldata" if figures.release.example else "",
        figures.release.id,
        table.ROUNDING,
        table.PROTECTION,
    ]


def csv_bytes(entries: Sequence[Entry], figures: Figures) -> bytes:
    return table.written_csv(HEADINGS, lines(entries, figures))


def xlsx_bytes(entries: Sequence[Entry], figures: Figures) -> bytes:
    """A workbook with the groups and a sheet about the release and the definitions."""
    names = [sign.indicator for each in entries for sign in (each.sign, *each.more)]
    said = [*table.about_release(figures, TITLE), ("Vad det är", early_signs.PROMPT.replace("**", ""))]
    said += table.about_definitions(names, figures)
    formats = dict.fromkeys((8,), "#,##0") | dict.fromkeys(range(9, 14), "0.0")
    return table.written_book(HEADINGS, lines(entries, figures), said, TITLE, figures, formats)
