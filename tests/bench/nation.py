"""A release of all 290 municipalities that nobody has published: every municipality is one of the example's, changed a little.

It has the rows that a release solved county by county has (protect.counties): every cut of a member, the region in total
and by provider, stage and sex, and no region without a member. Verdicts and trends are judged from it as they always are.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from measuring import ROOT

from metrics.judgement import judge
from metrics.release import read
from metrics.release.read import Release
from metrics.release.write import write_release
from metrics.values import Published, Status

NAME = "Sverige"
NUMBERS = ["numerator", "denominator", "value", "low", "high"]
PLACES: dict[str, str] = {
    "register": "municipality",
    "register_units": "municipality",
    "school_units": "municipality",
    "school_models": "municipality",
    "mapping_rounds": "municipality",
    "coverage": "municipality",
    "reconciliation": "area",
}
"""Tables with rows of members, and the column that names the member."""
CODES = ("school_unit", "school_units", "successor")


def write_nation(folder: Path, example: Path = ROOT / "data" / "demo", seed: int = 290) -> Path:
    """The release in `folder`, made from the example release."""
    release, dice = read.load(example, {}), np.random.default_rng(seed)
    with (ROOT / "data" / "reference" / "municipalities.csv").open(encoding="utf-8") as file:
        members = [{"code": row["code"], "name": row["name"]} for row in csv.DictReader(file, delimiter=";")]
    like = _like(release, [each["name"] for each in members], dice)
    values = _values(release, like, dice)
    verdicts, trends = judge(Published(values=values), release.definitions)
    tables = {name: _table(release, name, like) for name in read.TABLES if name not in ("values", "verdicts", "trends")}
    manifest = {name: each for name, each in release.manifest.items() if name not in ("checksums", "protection")}
    manifest |= {"id": "riket-1", "region": {"name": NAME, "title": NAME, "members": members}}
    return write_release(
        folder,
        manifest=manifest,
        tables={**tables, "values": values, "verdicts": verdicts, "trends": trends},
        definitions=json.loads((example / "open" / "definitions.json").read_text(encoding="utf-8")),
        schools=_schools(release, like),
    )


def _like(release: Release, names: list[str], dice: np.random.Generator) -> pd.DataFrame:
    """Which of the example's members each municipality is like (itself where it is one), and how many times its size."""
    own = release.member_names
    chosen = [name if name in own else own[int(dice.integers(len(own)))] for name in names]
    size = [1.0 if name in own else float(np.exp(dice.normal(-0.5, 0.7))) for name in names]
    return pd.DataFrame({"name": names, "like": chosen, "times": size, "place": range(len(names))})


def _values(release: Release, like: pd.DataFrame, dice: np.random.Generator) -> pd.DataFrame:
    """The long table: members' rows with numbers of their own, and the region's and the nation's."""
    rows = release.values.values
    of_members = rows[rows["area_type"].isin(["municipality", "peer_group"])]
    made = of_members.merge(like, left_on="area", right_on="like").drop(columns=["area", "like", "place"])
    made = _changed(made.rename(columns={"name": "area"}), dice)
    plain = (rows["model"] == "all") & (rows["background"] == "all")
    whole = rows[
        ((rows["area_type"] == "region") & (rows["series"] == "own") & plain) | (rows["area_type"] == "nation")
    ]
    times = len(like) / len(release.member_names)
    named = whole["area"].str.replace(r"^GR$", NAME, regex=True)
    named = named.str.replace(r"^GR, (\d+) av \d+$", lambda at: f"{NAME}, {int(int(at[1]) * times)} av 290", regex=True)
    whole = whole.assign(area=named, numerator=whole["numerator"] * times, denominator=whole["denominator"] * times)
    middle, narrow = whole["value"], times**-0.5
    whole = whole.assign(low=middle - (middle - whole["low"]) * narrow, high=middle + (whole["high"] - middle) * narrow)
    return pd.concat([made, whole], ignore_index=True)[list(rows.columns)].assign(release="riket-1")


def _changed(rows: pd.DataFrame, dice: np.random.Generator) -> pd.DataFrame:
    """Counts of another size and values a little off, as far as they are shown; what became too small is hidden."""
    times = rows["times"].to_numpy(float)
    size = np.round(rows["denominator"].to_numpy(float) * times)
    hidden = (rows["status"] == Status.SHOWN).to_numpy() & (rows["series"] == "own").to_numpy() & (size < 10)
    share = (rows["numerator"] / rows["denominator"]).to_numpy(float)
    place, what = pd.factorize(rows["area"])[0], pd.factorize(rows["indicator"])[0]
    own = dice.normal(0, 0.04, (place.max() + 1, what.max() + 1))[place, what]
    off = np.clip(share + own + dice.normal(0, 0.004, len(rows)), 0.02, 0.98)
    top = np.round(size * off)
    counted = np.isfinite(share) & (share <= 1) & (size > 0)
    value = rows["value"].to_numpy(float)
    new = np.where(counted, 100 * top / np.maximum(size, 1), value * (1 + dice.normal(0, 0.02, len(rows))))
    wide = 1 / np.sqrt(times)
    changed = {
        "numerator": np.where(counted, top, rows["numerator"].to_numpy(float)),
        "denominator": size,
        "value": new,
        "low": np.maximum(0, new - (value - rows["low"].to_numpy(float)) * wide),
        "high": np.minimum(np.where(counted, 100, np.inf), new + (rows["high"].to_numpy(float) - value) * wide),
    }
    found = rows.assign(**changed, status=np.where(hidden, str(Status.HIDDEN), rows["status"]))
    found.loc[found["status"] != Status.SHOWN, NUMBERS] = np.nan
    return found.drop(columns="times")


def _table(release: Release, name: str, like: pd.DataFrame) -> pd.DataFrame:
    """Another table of the release, its rows of members once for each municipality that is like them."""
    table = release.tables[name]
    own = set(release.member_names)
    if name == "evaluations":
        whole = table[~table["area"].isin(own)].replace({"area": {"GR": NAME}})
        return pd.concat([whole, _spread(table[table["area"].isin(own)], "area", like)], ignore_index=True)
    if name in ("reached_pupils", "comparisons", "mapping_answers"):
        return table.replace({"area": {"GR": NAME}}) if "area" in table else table
    return _spread(table, PLACES[name], like) if name in PLACES else table


def _spread(table: pd.DataFrame, column: str, like: pd.DataFrame) -> pd.DataFrame:
    """Rows of a member for each that is like it; school units and instances get codes and names of their own."""
    made = table.merge(like, left_on=column, right_on="like")
    place = made["place"].astype(str).str.zfill(3)
    for code in CODES:
        if code in made:
            made[code] = [_coded(text, at) for text, at in zip(made[code].tolist(), place.tolist(), strict=True)]
    for text in ("instance", "unit_name"):
        if text in made:
            pairs = zip(made[text].tolist(), made[column].tolist(), made["name"].tolist(), strict=True)
            made[text] = [each.replace(old, new) for each, old, new in pairs]
    return made.assign(**{column: made["name"]})[list(table.columns)]


def _coded(text: Any, place: str) -> Any:
    """Codes of eight figures, joined with "|", made those of the municipality at `place`."""
    return "|".join(f"{place}{each[3:]}" for each in text.split("|")) if isinstance(text, str) and text else text


def _schools(release: Release, like: pd.DataFrame) -> pd.DataFrame:
    made = release.schools.merge(like, left_on="municipality", right_on="like")
    code = made["place"].astype(str).str.zfill(3) + made["school_unit"].str[3:]
    names = zip(made["area"].tolist(), made["municipality"], made["name"], made["school_unit"], code, strict=True)
    area = [each.replace(old, new).replace(before, after) for each, old, new, before, after in names]
    made = made.assign(area=area, municipality=made["name"], school_unit=code, release="riket-1")
    return made[list(release.schools.columns)]
