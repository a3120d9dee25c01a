"""What a reader comes for, per population family, and the share of it that a release shows: the list that README freezes.

    python tests/bench/shown.py [RELEASE FOLDER]        prints the rows
    python tests/bench/shown.py --readme                writes those of data/demo into README.md

Default cells: own values of members and the region for the provider they are compared over, in total and by sex where
the family is cut by sex, of single periods (not pooled), shown or hidden. Written as rows of README's table.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from metrics.release import read

ROOT = Path(__file__).resolve().parents[2]
HEAD = """| family | default cells | shown | members' totals | region's totals | by sex | newest period |
|---|---|---|---|---|---|---|"""


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


def table(release: read.Release) -> list[str]:
    """One row of README's table per family."""
    lines = HEAD.splitlines()
    for family, rows in default_cells(release).groupby("family", sort=False):
        total = rows["sex"] == "all"
        member = rows["area_type"] == "municipality"
        newest = rows["period_to"] == rows["period_to"].max()
        parts = (rows, rows[total & member], rows[total & ~member], rows[~total], rows[newest])
        lines.append(f"| {family} | {len(rows)} | " + " | ".join(share(each) for each in parts) + " |")
    return lines


def written(readme: str, lines: list[str]) -> str:
    """README with these lines in place of its table."""
    kept = readme.splitlines()
    start = kept.index(HEAD.splitlines()[0])
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
