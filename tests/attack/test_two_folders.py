"""Someone kept the folder of the last release and its export: with both, read as files, no few pupils are singled out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.export import long_table
from metrics.release import read, tables
from metrics.release.write import definition, write_release
from tests.attack import outsider
from tests.attack.test_two_releases import CELLS, MODELS, SCHOOLS, K, Table_, narrowest, ordinary, publish

INDICATORS = catalogue.default().indicators
KEYS = ["indicator", "area_type", "area", "provider", "stage", "model", "sex", "background", "period_to"]


def one_pupil() -> tuple[np.ndarray, np.ndarray, dict[str, str]]:
    """One pupil's corrected grade."""
    step = np.zeros(len(CELLS), int)
    step[:2] = -1, 1
    return ordinary(), ordinary() + step, MODELS


def one_school() -> tuple[np.ndarray, np.ndarray, dict[str, str]]:
    """A register edit: a school with three pupils not eligible gets the model."""
    numbers = ordinary()
    for sex, part in (("boys", 2), ("girls", 1)):
        numbers[CELLS.index((SCHOOLS[4], sex, 0))] = part
    return numbers, numbers, MODELS | {SCHOOLS[4]: "sspf"}


def one_late() -> tuple[np.ndarray, np.ndarray, dict[str, str]]:
    """A school that was delivered late, with two girls not eligible."""
    whole = ordinary()
    whole[CELLS.index((SCHOOLS[-1], "girls", 0))] = 2
    late = np.array([cell[0] == SCHOOLS[-1] for cell in CELLS])
    return np.where(late, 0, whole), whole, MODELS


def written(folder: Path, table: Table_, before: pd.DataFrame | None) -> Path:
    """A finished release of these values, with what it says of the one before."""
    values = table.published.values.assign(release=folder.name)
    beside = {} if before is None else {"changes": tables.changes(before, values)}
    manifest = {"id": folder.name, "number": 1, "created": "2026-11-23T08:00:00", "region": {"members": []}}
    definitions = [definition(each) for each in INDICATORS.values()]
    return write_release(folder, manifest=manifest, tables={"values": values, **beside}, definitions=definitions)


def from_folder(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "open" / "values.parquet")


def from_export(folder: Path) -> pd.DataFrame:
    path = folder.parent / f"{folder.name}.csv"
    release = SimpleNamespace(manifest={"id": folder.name}, id=folder.name)
    long_table.write_values(path, from_folder(folder), release)
    return pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig", dtype={"mark": str})


def read_as(table: Table_, values: pd.DataFrame) -> Table_:
    return replace(table, published=SimpleNamespace(values=values))


@pytest.mark.parametrize("what", [one_pupil, one_school, one_late], ids=lambda each: each.__name__)
def test_who_has_both_folders_and_their_exports_singles_no_few_out(what, tmp_path: Path) -> None:
    first, second, models = what()
    old = publish(first, MODELS)
    new = publish(second, models, after=old)
    folders = [written(tmp_path / "1", old, None), written(tmp_path / "2", new, old.published.values)]
    changes = pd.read_parquet(folders[1] / "open" / "changes.parquet")
    for how in (from_folder, from_export) if what is one_late else (from_export,):
        values = [how(each) for each in folders]
        assert set(values[1]["status"]) <= {"shown", "hidden"}
        kept = [read_as(table, found) for table, found in zip((old, new), values, strict=True)]
        if new.held:
            same = [found.set_index(KEYS)[["status", "numerator", "denominator"]].sort_index() for found in values]
            pd.testing.assert_frame_equal(*same)
        else:
            assert narrowest(*kept) >= K - 1e-3
        shown = values[1][values[1]["status"] == "shown"]
        assert set(changes["area"]) <= set(shown["area"])
    careless = publish(second, models)
    planted = written(tmp_path / "3", careless, old.published.values)
    assert narrowest(read_as(old, from_folder(folders[0])), read_as(careless, from_folder(planted))) < K - 1e-3


def test_a_change_of_a_hidden_value_is_told_nowhere_and_found_where_it_is(tmp_path: Path) -> None:
    first, second, _ = one_late()
    old = publish(first, MODELS)
    new = publish(second, MODELS, after=old)
    folder = written(tmp_path / "2", new, old.published.values)
    values, changes = from_folder(folder), pd.read_parquet(folder / "open" / "changes.parquet")
    empty = read.empty_table("verdicts"), read.empty_table("trends")
    beside = {"values": values, "verdicts": empty[0], "trends": empty[1], "changes": changes}
    assert list(outsider.beside_findings(beside)) == []
    hidden = values[values["status"] == "hidden"]
    assert len(hidden)
    for row in hidden.head(20).to_dict("records"):
        told = pd.DataFrame([{name: row[name] for name in KEYS} | {"before": 80.0, "after": 82.0}])
        assert list(outsider.beside_findings(beside | {"changes": told}))
