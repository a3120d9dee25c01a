"""The register as a file people edit: what counts today, written so that it can be handed in again unchanged."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import xlsxwriter

from metrics import engine
from metrics.declare import Column, Extract
from metrics.extracts.collaboration_register import EXTRACT
from metrics.intake.template import table_bytes
from metrics.models import words

ORDER = ("municipality", "model_type", "instance", "school_unit", "started")
WORDS_SHEET = "Ordlistor"
Key = tuple[str, ...]
"""What identifies a row: team, school unit and start."""


def senders(connection: engine.Connection) -> list[str]:
    """Whose registers count today, the one with most rows first."""
    found = engine.rows(
        connection, "SELECT sender FROM collaboration_register GROUP BY sender ORDER BY count(*) DESC, sender"
    )
    return [str(sender) for (sender,) in found]


def standing(connection: engine.Connection, sender: str) -> pd.DataFrame:
    """The sender's rows that count, as texts under the columns' names."""
    named = ", ".join(column.name for column in EXTRACT.columns)
    found = engine.frame(
        connection,
        f"SELECT {named} FROM collaboration_register WHERE sender = ? ORDER BY {', '.join(ORDER)}",
        [sender],
    )
    return as_texts(found)


def as_texts(rows: pd.DataFrame, extract: Extract = EXTRACT) -> pd.DataFrame:
    """Typed rows as the texts a person writes: Swedish words for codes, decimal comma, ISO days, ja and nej."""
    return pd.DataFrame({column.name: _written(column, rows[column.name]) for column in extract.columns})


def _written(column: Column, values: pd.Series) -> list[str]:
    titles: dict[str, str] = {}
    for title, code in (column.codes or {}).items():
        titles.setdefault(code, title)
    return ["" if _empty(value) else _text(column, value, titles) for value in values.tolist()]


def _empty(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or value != value or value == ""


def _text(column: Column, value: Any, titles: dict[str, str]) -> str:
    if column.kind == "code":
        return titles.get(str(value), str(value))
    if column.kind == "flag":
        return "ja" if value else "nej"
    if column.kind == "date":
        return value.isoformat()[:10] if isinstance(value, date) else str(value)[:10]
    if column.kind == "decimal":
        return f"{float(value):.2f}".rstrip("0").rstrip(".").replace(".", ",")
    if column.name in words.LISTS:
        known = words.LISTS[column.name]
        return words.SEPARATOR.join(words.titles(words.codes(value, known), known))
    return str(value)


def csv_bytes(rows: pd.DataFrame, extract: Extract = EXTRACT) -> bytes:
    """The rows as semicolon-separated UTF-8 with Swedish headings, as Excel opens it."""
    named = [column.name for column in extract.columns]
    return table_bytes([column.title for column in extract.columns], rows[named].itertuples(index=False, name=None))


def xlsx_bytes(rows: pd.DataFrame, extract: Extract = EXTRACT) -> bytes:
    """A workbook: the rows, every cell as text so that no code loses a zero, with choices; and the word lists."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("Uppgifter")
        sheet.write_row(0, 0, [column.title for column in extract.columns], head)
        for place, column in enumerate(extract.columns):
            sheet.set_column(place, place, 22, text)
            sheet.write_column(1, place, rows[column.name].tolist(), text)
            _choices(sheet, place, column, len(rows) + 200)
        sheet.freeze_panes(1, 1)
        _word_lists(book, head)
    return target.getvalue()


def _choices(sheet: Any, place: int, column: Column, last: int) -> None:
    """A list to choose from where the declaration has few codes; Excel allows 255 characters."""
    titles: dict[str, str] = {}
    for title, code in (column.codes or {}).items():
        titles.setdefault(code, title)
    if titles and len(",".join(titles.values())) <= 255 and not any("," in each for each in titles.values()):
        sheet.data_validation(1, place, last, place, {"validate": "list", "source": list(titles.values())})


def _word_lists(book: Any, head: Any) -> None:
    sheet = book.add_worksheet(WORDS_SHEET)
    for place, (name, known) in enumerate(words.LISTS.items()):
        sheet.write(0, place, f"Ord att välja bland: {EXTRACT.column(name).title.lower()}", head)
        sheet.write_column(1, place, list(known.values()))
        sheet.set_column(place, place, 30)


def changed(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """What an edit changes: (team, column title or what happened, before, after), rows matched by their key.

    A row with another start, or another name of the team, is the same row, changed; another school unit is another row.
    """
    old, new = (_by_key(each) for each in (before, after))
    pairs = [(key, key) for key in old if key in new] + _moved(
        [key for key in old if key not in new], [key for key in new if key not in old]
    )
    gone, came = old.keys() - {was for was, _ in pairs}, new.keys() - {now for _, now in pairs}
    found = [(old[key]["instance"], "Rad borttagen", key[1], "") for key in gone]
    found += [(new[key]["instance"], "Rad tillagd", "", key[1]) for key in came]
    for was_key, now_key in pairs:
        for column in EXTRACT.columns:
            was, now = str(old[was_key][column.name] or ""), str(new[now_key][column.name] or "")
            if was != now:
                found.append((new[now_key]["instance"], column.title, was, now))
    return sorted(dict.fromkeys(found))


def _moved(gone: Sequence[Key], came: Sequence[Key]) -> list[tuple[Key, Key]]:
    """Rows whose key has changed in one part only: the start, else the team's name."""
    left, waiting = list(gone), list(came)
    pairs = []
    for part in (2, 0):
        for was in list(left):
            alike = [now for now in waiting if all(was[place] == now[place] for place in range(3) if place != part)]
            if alike:
                pairs.append((was, alike[0]))
                left.remove(was)
                waiting.remove(alike[0])
    return pairs


def _by_key(rows: pd.DataFrame) -> dict[Key, dict[str, Any]]:
    keys: Sequence[str] = EXTRACT.key
    found = [{str(name): cell for name, cell in row.items()} for row in rows.to_dict("records")]
    return {tuple(str(row[name]) for name in keys): row for row in found}
