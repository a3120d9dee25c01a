"""The long table as a file: fixed English columns, one row per value, for machines and researchers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from metrics.export.table import DECIMALS, ROUNDING
from metrics.present import numbers
from metrics.release.read import Release
from metrics.values import LONG_COLUMNS, NUMBER_COLUMNS

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_values(path: Path, values: pd.DataFrame, release: Release) -> None:
    """Write the values as .csv (semicolons, decimal comma, UTF-8 with BOM), .xlsx or .parquet, by the file's name.

    Numbers are rounded as in every file for people (`table.DECIMALS`); Parquet has them as the release does.
    """
    table = values.loc[:, list(LONG_COLUMNS)].reset_index(drop=True)
    writers = {".csv": _write_csv, ".xlsx": _write_workbook, ".parquet": _write_parquet}
    if path.suffix != ".parquet":
        for column in NUMBER_COLUMNS:
            table[column] = [numbers.rounded(each, DECIMALS) if pd.notna(each) else None for each in table[column]]
    writers[path.suffix](path, table, release)


def harmless(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _write_csv(path: Path, table: pd.DataFrame, _release: Release) -> None:
    text = table.copy()
    for column in text.columns:
        if column not in NUMBER_COLUMNS:
            text[column] = [harmless(str(value)) for value in text[column].fillna("")]
    text.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _write_parquet(path: Path, table: pd.DataFrame, _release: Release) -> None:
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), path, compression="zstd")


def _write_workbook(path: Path, table: pd.DataFrame, release: Release) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        _write_about(book, release)
        sheet = book.add_worksheet("values")
        sheet.write_row(0, 0, list(table.columns), book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(table.columns):
            cells = [None if pd.isna(value) else value for value in table[column]]
            sheet.write_column(1, position, cells)


def _write_about(book: xlsxwriter.Workbook, release: Release) -> None:
    sheet = book.add_worksheet("about")
    lines = [
        ("release", release.id),
        ("created", release.created),
        ("data", "Exempeldata" if release.example else "Uppgifter inlämnade av medlemmarna"),
        ("rounding", ROUNDING),
        ("protection", "Värden med status hidden är dolda för att skydda enskilda."),
        ("source", "Samsyn; rader med series = official har källa i utgåvans beskrivning."),
    ]
    for row, cells in enumerate(lines):
        sheet.write_row(row, 0, cells)
