"""What a reader comes for, per population family, and the share of it that a release shows: the list that README freezes.

    python tests/bench/shown.py [RELEASE FOLDER]        prints the rows
    python tests/bench/shown.py --readme                writes those of data/demo into README.md

Default cells: own values of members and the region for the provider they are compared over, in total and by sex where
the family is cut by sex, of single periods (not pooled), shown or hidden. Written as rows of README's table. A cell of
the largest member is one cell and half the region's pupils, so the pupils behind shown members' totals stand beside.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from metrics.release import read

ROOT = Path(__file__).resolve().parents[2]
HEAD = """| family | default cells | shown | members' totals | pupils behind them | region's totals | by sex | newest period |
|---|---|---|---|---|---|---|---|"""
TOLD = ["indicator", "stage", "period_from", "period_to"]


def default_cells(release: read.Release) -> pd.DataFrame:
    """The long table's default cells, with their `family`."""
    values = release.values.values
    families = {name: each.population for name, each in release.definitions.items()}
    rows = values[(values["series"] == "own") & (values["period_kind"] != "pooled")]
    rows = rows.assign(family=rows["indicator"].map(families))
    whole = (rows[["model", "background"]] == "all").all(axis=1) & rows["area_type"].isin(["municipality", "region"])
    rows = rows[whole & rows["status"].isin(["shown", "hidden"])]
    # The provider that the region is compared over: all schools where they are in, otherwise the municipal ones.
    usual = rows.groupby("family")["provider"].transform(lambda found: "all" if "all" in set(found) else "municipal")
    staged = rows.groupby("family")["stage"].transform(lambda found: "all" not in set(found))
    return rows[(rows["provider"] == usual) & (staged | (rows["stage"] == "all"))]


def share(rows: pd.DataFrame) -> str:
    """Shown of all, in per cent and as numbers."""
    if rows.empty:
        return "-"
    shown = int((rows["status"] == "shown").sum())
    return f"{100 * shown / len(rows):.0f} % ({shown} of {len(rows)})"


def pupils_behind(totals: pd.DataFrame) -> str:
    """Of the pupils in the region's shown totals: the share that is in shown totals of members, in per cent.

    totals: default cells that are not cut, of what members have rows for. A hidden cell has no number, so none is counted
    of an indicator and period where the region's is hidden.
    """
    of_member = totals["area_type"] == "municipality"
    wanted = totals.set_index(TOLD).index.isin(totals[of_member].set_index(TOLD).index)
    shown = totals[wanted & (totals["status"] == "shown")]
    region = shown[shown["area_type"] == "region"].groupby(TOLD)["denominator"].sum()
    members = shown[shown["area_type"] == "municipality"].groupby(TOLD)["denominator"].sum()
    if region.empty:
        return "-"
    return f"{100 * members.reindex(region.index, fill_value=0.0).sum() / region.sum():.0f} %"


def table(release: read.Release) -> list[str]:
    """One row of README's table per family."""
    lines = HEAD.splitlines()
    for family, rows in default_cells(release).groupby("family", sort=False):
        total = rows["sex"] == "all"
        member = rows["area_type"] == "municipality"
        newest = rows["period_to"] == rows["period_to"].max()
        parts = (rows, rows[total & member], rows[total & ~member], rows[~total], rows[newest])
        texts = [share(each) for each in parts]
        texts.insert(2, pupils_behind(rows[total]))
        lines.append(f"| {family} | {len(rows)} | " + " | ".join(texts) + " |")
    return lines


def written(readme: str, lines: list[str]) -> str:
    """README with these lines in place of its table."""
    kept = readme.splitlines()
    start = next(place for place, line in enumerate(kept) if line.startswith(HEAD.split(" shown")[0]))
    end = next(place for place in range(start, len(kept)) if not kept[place].startswith("|"))
    return "\n".join([*kept[:start], *lines, *kept[end:]]) + "\n"


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    demo = ROOT / "data" / "demo"
    found = table(read.load(Path(asked) if asked and asked != "--readme" else demo))
    if asked == "--readme":
        path = ROOT / "README.md"
        path.write_text(written(path.read_text(encoding="utf-8"), found), encoding="utf-8")
    else:
        print("\n".join(found))
