"""The same period counted for several releases, as one frame: who is in which, and what was another set of models then.

The desk keeps counts, never pupils, so who stayed is worked out from counts: as many as are in a cell both times. An
outsider is thereby told more than anyone can know (in which cells somebody came or went), never less.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.layout import Layout
from metrics.protect.errors import ProtectionError
from metrics.protect.stated import KnownSum
from metrics.values import DIMENSION_COLUMNS, Counts

PART, KNOWS_MODELS = "part", "knows_models"
SCHOOLS = ("school_first", "school_last")


@dataclass(frozen=True, kw_only=True)
class EarlierTable:
    """One published table of a period: the counts it was made of, how they were laid out, and its rows.

    `inner`, `missing`: the period's rows of Counts; `rows`: of the long table; `told`: bounds that were told beside it.
    """

    inner: pd.DataFrame
    missing: pd.DataFrame
    main_provider: str
    layout: Layout
    rows: pd.DataFrame
    told: Sequence[KnownSum] = ()


@dataclass(frozen=True, kw_only=True)
class History:
    """The tables that were published of every period of a family, oldest first; `stands`: solved as it would be now."""

    tables: Mapping[str, Sequence[EarlierTable]] = field(default_factory=dict)
    stands: frozenset[str] = frozenset()

    def counts(self, new: Counts, solved: Collection[str]) -> Counts:
        """The counts behind what is published: the new ones of solved periods, otherwise those of the last table."""
        last = [tables[-1] for period, tables in sorted(self.tables.items()) if period not in solved]
        own = new.inner["period"].isin(set(solved) | (set(new.periods) - set(self.tables)))
        late = ~new.missing["period"].isin(set(self.tables) - set(solved))
        inner = pd.concat([*(table.inner for table in last), new.inner[own]], ignore_index=True)
        missing = pd.concat([*(table.missing for table in last), new.missing[late]], ignore_index=True)
        return replace(new, inner=inner.fillna({name: 0 for name in inner.columns if "__" in name}), missing=missing)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Pupils counted from one table to another (numbers from 0), and the models of their schools where they were others."""

    first: int
    last: int
    models: Mapping[int, str]

    def holds(self, table: int) -> bool:
        return self.first <= table <= self.last


@dataclass(frozen=True, kw_only=True)
class Woven:
    """One row per dimensions, outcome pattern and part (column PART numbers `parts`); `contributors` of each."""

    frame: pd.DataFrame
    parts: tuple[Part, ...]

    def inside(self, rows: pd.DataFrame, table: int) -> NDArray[np.bool_]:
        """Which rows (with PART) are about pupils in a table."""
        held = np.array([part.holds(table) for part in self.parts], bool)
        return np.asarray(held[rows[PART].to_numpy(dtype=np.int64)])

    def as_then(self, rows: pd.DataFrame, table: int) -> pd.DataFrame:
        """The rows with the models that schools had in a table."""
        then = [part.models.get(table) for part in self.parts]
        number, models = rows[PART].to_numpy(dtype=np.int64), rows["models"].to_numpy(dtype=object).copy()
        for place, value in enumerate(then):
            if value is not None:
                models[(number == place) & _told_apart(rows)] = value
        return rows.assign(models=models)


def _told_apart(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Rows of unfolded margins that know of models at all."""
    if KNOWS_MODELS not in rows.columns:
        return np.ones(len(rows), bool)
    return rows[KNOWS_MODELS].to_numpy(dtype=bool)


def outcome_columns(frame: pd.DataFrame) -> list[str]:
    """The 0/1 columns of a frame of inner rows."""
    return [str(name) for name in frame.columns if str(name).endswith(("__denominator", "__numerator"))]


def live(frame: pd.DataFrame) -> set[str]:
    """Indicators with anyone in their denominator."""
    ending = "__denominator"
    return {str(name)[: -len(ending)] for name in frame.columns if str(name).endswith(ending) and frame[name].any()}


def weave(frames: Sequence[pd.DataFrame], apart: Sequence[str] = ()) -> Woven:
    """The tables of a period in the order they were published, the newest last.

    apart: what the rows tell apart besides dimensions and outcomes (schools); nobody moves from one to another.
    ProtectionError when an indicator that one table has is missing in a later one: then they cannot be matched.
    """
    flags = sorted({name for frame in frames for name in outcome_columns(frame)})
    places = [*DIMENSION_COLUMNS, *apart]
    kept = [*places, *flags]
    told = [_told(frame, places, flags) for frame in frames]
    whole = told[0].assign(first=0, last=0, was="")
    for number in range(1, len(told)):
        before, now = live(frames[number - 1]), live(frames[number])
        if before - now:
            raise ProtectionError(f"an indicator stays in later tables, got: {sorted(before - now)} gone")
        common = [name for name in flags if name.rsplit("__", 1)[0] in before]
        whole = _followed(whole, told[number], number, [*places, *common])
    numbered = whole.groupby(["first", "last", "was"], sort=True).ngroup().to_numpy()
    first = np.unique(numbered, return_index=True)[1]
    triples = whole.iloc[first][["first", "last", "was"]].itertuples(index=False, name=None)
    parts = [Part(first=int(first), last=int(last), models=_read(was)) for first, last, was in triples]
    frame = whole.drop(columns=["first", "last", "was"]).assign(**{PART: numbered})
    frame = frame.groupby([*kept, PART], as_index=False, sort=True).agg(
        contributors=("contributors", "sum"), school_first=("school_first", "min"), school_last=("school_last", "max")
    )
    return Woven(frame=frame, parts=tuple(parts))


def _read(was: str) -> dict[int, str]:
    """Table number -> set of models, from its text."""
    return {int(number): models for number, _, models in (part.partition("=") for part in was.split(";") if part)}


def _told(frame: pd.DataFrame, places: list[str], flags: list[str]) -> pd.DataFrame:
    """Dimensions as texts, outcomes as 0/1 (0 where a table lacks them), pupils and schools."""
    rows = frame.reindex(columns=[*places, *flags, "contributors", *SCHOOLS])
    texts = [*places, *SCHOOLS]
    rows[texts] = rows[texts].fillna("").astype(str)
    rows[flags] = rows[flags].fillna(0).astype(np.int64)
    return rows.reset_index(drop=True)


def _followed(whole: pd.DataFrame, new: pd.DataFrame, number: int, keys: list[str]) -> pd.DataFrame:
    """The frame with one more table: pupils stay, stay in a school whose models changed, leave or come."""
    standing = (whole["last"] == number - 1).to_numpy()
    old, gone = whole[standing].reset_index(drop=True), whole[~standing]
    stay, left, came = _paired(old, new, _pupils(old), _pupils(new), keys)
    moved, left, came = _paired(old, new, left, came, [name for name in keys if name != "models"])
    parts = [gone, _counted(old, left, number - 1), _counted(new, came, number, first=number)]
    for pairs in (stay, moved):
        parts.append(_continued(old, new, pairs, number))
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _pupils(rows: pd.DataFrame) -> NDArray[np.int64]:
    """The number of the row of every pupil."""
    return np.repeat(np.arange(len(rows)), rows["contributors"].to_numpy(dtype=np.int64))


Indices = NDArray[np.int64]


def _paired(
    old: pd.DataFrame, new: pd.DataFrame, before: Indices, after: Indices, keys: list[str]
) -> tuple[pd.DataFrame, Indices, Indices]:
    """Pupils of equal keys one to one: pairs of row numbers with how many, and who is left on either side."""
    cells = pd.concat([old[keys], new[keys]], ignore_index=True).groupby(keys, sort=False).ngroup().to_numpy()
    sides = [
        pd.DataFrame({"cell": cells[place + rows], name: rows})
        for name, rows, place in (("old", before, 0), ("new", after, len(old)))
    ]
    sides = [side.assign(rank=side.groupby("cell").cumcount()) for side in sides]
    joined = sides[0].merge(sides[1], on=["cell", "rank"], how="outer")
    both = joined["old"].notna() & joined["new"].notna()
    pairs = joined[both].groupby(["old", "new"], as_index=False).size().astype(np.int64)
    left, came = (joined.loc[joined[name].notna() & ~both, name].to_numpy(dtype=np.int64) for name in ("old", "new"))
    return pairs, left, came


def _counted(rows: pd.DataFrame, pupils: Indices, last: int, first: int | None = None) -> pd.DataFrame:
    """These pupils' rows with how many they are."""
    number = np.bincount(pupils, minlength=len(rows))
    some = rows.assign(contributors=number)[number > 0]
    if first is None:
        return some.assign(last=last)
    return some.assign(first=first, last=last, was="")


def _continued(old: pd.DataFrame, new: pd.DataFrame, pairs: pd.DataFrame, number: int) -> pd.DataFrame:
    """Pupils of earlier tables as the newest one has them; the models of earlier ones where they were others."""
    before, after = old.iloc[pairs["old"]].reset_index(drop=True), new.iloc[pairs["new"]].reset_index(drop=True)
    was = [
        _models_then(_read(was), first, number, then, now)
        for was, first, then, now in zip(before["was"], before["first"], before["models"], after["models"], strict=True)
    ]
    return after.assign(contributors=pairs["size"].to_numpy(), first=before["first"], last=number, was=was)


def _models_then(was: dict[int, str], first: int, number: int, then: str, now: str) -> str:
    sets = {table: was.get(table, then) for table in range(first, number)}
    return ";".join(f"{table}={models}" for table, models in sorted(sets.items()) if models != now)
