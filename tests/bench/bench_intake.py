"""Handing in a large file: full validation against one raw typed reading, with and without bad rows, and its memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import BUILD, REPEATS, Measure, Scale, alone, interleaved, ratio

from metrics import catalogue, engine
from metrics.intake import bulk, stage_file

ROWS = {"small": (1_000_000,), "full": (1_000_000, 10_000_000)}
BAD_EVERY = 1000
TYPES = {
    "Pseudonym": "VARCHAR",
    "Startdatum": "DATE",
    "Slutdatum": "DATE",
    "Skolenhetskod": "VARCHAR",
    "Stadium": "ENUM('F-3', '4-6', '7-9')",
    "Erbjuden tid": "DOUBLE",
    "Rapporterad tid": "DOUBLE",
    "Närvaro": "DOUBLE",
    "Giltig frånvaro": "DOUBLE",
    "Ogiltig frånvaro": "DOUBLE",
    "Annan närvaro": "DOUBLE",
    "Kön": "ENUM('flicka', 'pojke')",
}
"""The file's headings, with the type that intake gives each column."""


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for the file sizes of this scale; the files are removed again."""
    for rows in ROWS[scale]:
        said = f"{rows / 1e6:.0f} M rader"
        with _files(rows) as (good, bad):
            found = interleaved({"raw": lambda: raw(good), "good": lambda: ours(good), "bad": lambda: ours(bad)})
            for name, limit, text in (("good", 1.2, "granskning av en felfri fil"), ("bad", 2.5, "med 0,1 % fel")):
                measured = ratio(found[name], found["raw"])
                yield Measure(name=f"{text} / typad läsning, {said}", ratio=measured, unit="ratio", limit=limit)
            runs = [alone("bench_intake:ours_at", path=str(good)) for _ in range(REPEATS)]
            peaks = [each.peak_mb for each in runs if each]
            peak = max(peaks) if peaks else None
            yield Measure(name=f"granskningens minne, {said}", ratio=peak, unit="MB", limit=1000)


@contextmanager
def _files(rows: int) -> Iterator[tuple[Path, Path]]:
    """A good file and one where every thousandth row is wrong, for as long as they are measured."""
    BUILD.mkdir(exist_ok=True)
    if shutil.disk_usage(BUILD).free < 400 * rows:
        raise SystemExit(f"Disken har inte plats för {rows} rader (ungefär {rows // 5000} MB).")
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        good, bad = Path(folder) / "felfri.csv", Path(folder) / "med-fel.csv"
        write(good, rows)
        write(bad, rows, bad_every=BAD_EVERY)
        yield good, bad


def write(path: Path, rows: int, *, bad_every: int = 0) -> None:
    """Attendance of ten pupils in ten months for every ten rows; pseudonyms are hashes, without order."""
    wrong = f"i % {bad_every} = 0" if bad_every else "FALSE"
    pupils = max(1, rows // 10)
    sql = f"""
        SELECT
            substr(sha256(CAST(i % {pupils} AS VARCHAR)), 1, 26) AS "Pseudonym",
            CASE WHEN {wrong} THEN '2024-13-45' ELSE CAST(month AS VARCHAR) END AS "Startdatum",
            month + 27 AS "Slutdatum",
            CAST(10000000 + i % {pupils} % 300 AS VARCHAR) AS "Skolenhetskod",
            ['F-3', '4-6', '7-9'][i % {pupils} % 3 + 1] AS "Stadium",
            offered AS "Erbjuden tid",
            offered AS "Rapporterad tid",
            offered - i % 400 - i % 90 AS "Närvaro",
            i % 400 AS "Giltig frånvaro",
            i % 90 AS "Ogiltig frånvaro",
            0 AS "Annan närvaro",
            ['flicka', 'pojke'][i % {pupils} % 2 + 1] AS "Kön"
        FROM (
            SELECT
                i,
                3000 + hash(i) % 3000 AS offered,
                ([DATE '2024-09-01', '2024-10-01', '2024-11-01', '2025-01-02', '2025-02-01', '2025-03-01',
                  '2025-04-01', '2025-05-01', '2025-06-01', '2024-08-01'])[i // {pupils} % 10 + 1] AS month
            FROM range({rows}) AS numbers(i)
        )
    """
    connection = engine.memory()
    connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT csv, DELIMITER ';', HEADER)")
    connection.close()


def raw(path: Path) -> None:
    """One CREATE TABLE AS with the same column types, in the same memory; it spills only where ours does."""
    fits = path.stat().st_size < bulk.FITS_IN_MEMORY
    connection = engine.memory(memory_limit=bulk.MEMORY) if fits else bulk.memory()
    columns = ", ".join(f"'{name}': '{engine.quote_text(kind)}'" for name, kind in TYPES.items())
    connection.execute(
        f"""CREATE TABLE read AS SELECT * FROM read_csv('{path}', auto_detect = false, header = true, delim = ';',
        quote = '"', escape = '"', nullstr = '', decimal_separator = ',', dateformat = '%Y-%m-%d', columns = {{{columns}}})"""
    )
    connection.close()


def ours(path: Path) -> int:
    """Everything intake checks before a file can be handed in, identifiers included; how many rows it read."""
    staged = stage_file(path, catalogue.default().extracts["attendance"])
    staged.connection.close()
    return staged.findings.recognised.row_count


def ours_at(path: str) -> int:
    """As `ours`, in a process of its own."""
    return ours(Path(path))
