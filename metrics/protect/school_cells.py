"""The inner cells of a period with its schools told apart, and the groups of pupils that schools are.

Where the period was published before, pupils are told apart by which of its tables they are in too (generations.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from metrics.declare import Indicator
from metrics.layout import Layout, together
from metrics.protect.generations import PART, EarlierTable, Woven, weave
from metrics.protect.groups import Group, Place, groups_of
from metrics.protect.past import Setting
from metrics.protect.patterns import with_patterns
from metrics.protect.possible import only_possible
from metrics.protect.problem import Flags, inner_of
from metrics.protect.thresholds import Thresholds
from metrics.protect.unfold import FAMILY, Unfolded, unfold
from metrics.values import DIMENSION_COLUMNS
from metrics.vocabulary import ALL, Region

SCHOOL = "school_unit"
CLASS = ("provider", "stage", "models")
"""What open tables tell apart within a member, sex and background aside."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is the same for every period of a family. `names`: the indicators that schools have values of."""

    layout: Layout
    indicators: Sequence[Indicator]
    names: Sequence[str]
    region: Region
    thresholds: Thresholds

    @property
    def perspective(self) -> str:
        """The column that says which member a pupil is of."""
        return self.indicators[0].perspective


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The inner cells: `joint` is unfolded and has outcomes, `frame` the newest table's inner rows.

    `columns`: one row per inner cell: member code, number of its class (the schools of a member that open tables do not
    tell apart; -1 for cells that are cut by sex or background), school unit ("" where the cell does not know it).
    `tables`: how many tables there are; the newest is the last. `woven`: None where there is only one.
    """

    asked: Asked
    frame: pd.DataFrame
    joint: pd.DataFrame
    unfolded: Unfolded
    columns: pd.DataFrame
    main_provider: str
    tables: int
    woven: Woven | None

    def groups(self, table: int, layout: Layout, place: Place) -> list[Group]:
        """The open part's groups in a table."""
        if self.woven is None:
            return groups_of(self.joint, layout, place)
        return self.setting().groups(self.joint, table, layout, {place.column: place})[place.column]

    def setting(self) -> Setting:
        """What earlier tables are read against."""
        if self.woven is None:
            raise ValueError("cells of several tables have a setting, got: of one")
        return Setting(
            woven=self.woven,
            rows=self.joint,
            inner=inner_of(self.joint, self.asked.indicators, {}),
            region=self.asked.region,
            thresholds=self.asked.thresholds,
            main_provider=self.main_provider,
        )

    def inside(self, table: int) -> Flags:
        """The cells of pupils in a table."""
        return np.ones(len(self.joint), bool) if self.woven is None else self.woven.inside(self.joint, table)

    def schools(self, table: int) -> tuple[Group, ...]:
        """A group per school of a table; a pupil who stands in two schools of a period is in neither."""
        there = self.inside(table)
        some = there & (self.joint["contributors"].to_numpy() > 0)
        found: list[Group] = []
        told = self.columns[(self.columns[SCHOOL] != "") & there]
        for (unit, member, stage), rows in told.groupby([SCHOOL, "member", "stage"], sort=True):
            inside = np.zeros(len(self.columns), bool)
            inside[rows.index.to_numpy()] = True
            if (inside & some).any() and "|" not in str(unit):
                found.append(_group(str(unit), str(member), str(stage), inside))
        return tuple(found)


def cells_of(units: pd.DataFrame, main_provider: str, asked: Asked, earlier: Sequence[EarlierTable]) -> Cells:
    """The cells of a period. `units`: its inner rows with schools told apart; `earlier`: tables whose inner rows are so.

    ProtectionError where the tables cannot be matched.
    """
    frame = _texts(units)
    woven = weave([*(_texts(each.inner) for each in earlier), frame], apart=(SCHOOL,)) if earlier else None
    cells, patterns = with_patterns(woven.frame if woven else frame, asked.indicators)
    providers = [main_provider, *(each.main_provider for each in earlier)]
    whose = [asked.perspective, PART] if woven else [asked.perspective]
    grid = unfold(
        cells,
        together([asked.layout, *(each.layout for each in earlier)]),
        places=whose,
        main_provider=next((each for each in providers if each != ALL), ALL),
        patterns=len(patterns),
        uncut=(SCHOOL,),
    )
    grid = only_possible(grid, cells, patterns, asked.indicators, whose)
    unfolded = _without_new_patterns(grid, asked.perspective)
    joint = unfolded.inner.join(patterns, on="pattern")
    return Cells(
        asked=asked,
        frame=frame,
        joint=joint,
        unfolded=unfolded,
        columns=_columns(joint, asked.perspective, [PART] if woven else []),
        main_provider=main_provider,
        tables=len(earlier) + 1,
        woven=None if woven is None else replace(woven, frame=cells),
    )


def _texts(units: pd.DataFrame) -> pd.DataFrame:
    texts = {name: units[name].fillna("").astype(str) for name in (*DIMENSION_COLUMNS, SCHOOL)}
    return units.assign(**texts).reset_index(drop=True)


def _without_new_patterns(unfolded: Unfolded, perspective: str) -> Unfolded:
    """Only cells of outcome patterns that some pupil of the member has.

    An outsider who knows as much as that can narrow more than a real one, never less; and the problem is half as large.
    """
    inner = unfolded.inner
    keys = [perspective, "stage", "pattern"] if (inner["stage"] != "").any() else [perspective, "pattern"]
    uncut = inner[inner[FAMILY] == ""]
    there = uncut.loc[uncut["contributors"] > 0, keys].drop_duplicates()
    kept = pd.MultiIndex.from_frame(inner[keys]).isin(pd.MultiIndex.from_frame(there))
    links = sp.csr_array(unfolded.links[:, kept])
    return Unfolded(inner=inner[kept].reset_index(drop=True), links=links[np.diff(links.indptr) > 0])


def _columns(joint: pd.DataFrame, perspective: str, parts: Sequence[str]) -> pd.DataFrame:
    uncut = (joint[FAMILY] == "").to_numpy()
    number = joint.groupby([perspective, *CLASS, *parts], sort=True).ngroup().to_numpy()
    return pd.DataFrame(
        {
            "member": joint[perspective].to_numpy(dtype=object),
            "stage": joint["stage"].to_numpy(dtype=object),
            "class": np.where(uncut, number, -1),
            SCHOOL: joint[SCHOOL].fillna("").to_numpy(dtype=object),
        }
    )


def _group(unit: str, member: str, stage: str, inside: Flags) -> Group:
    return Group(
        area_type=SCHOOL,
        area=unit,
        codes=frozenset([member]),
        provider=ALL,
        stage=stage or ALL,
        model=ALL,
        sex=ALL,
        background=ALL,
        inner=inside,
        published=True,
        complete=True,
        weight=1.0,
        of_main_provider=True,
    )
