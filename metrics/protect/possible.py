"""Which invented pupils an outsider can rule out by what anyone knows: where there are schools with a model, and where none.

The unfolded inner cells have every outcome pattern in every place where somebody is. Which schools have a model is
published, so a pattern that says "at a school with a model" is only thought of where some school has one, and one that
says the opposite only where some school has none. Provider, stage, sex and background need nothing of the kind: a place
is one where somebody is, and a group without anybody in an indicator is known to have nobody in it (gate.absent_groups).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.protect.unfold import FAMILY, KNOWS_MODELS, Unfolded

Flags = NDArray[np.bool_]


def only_possible(
    unfolded: Unfolded,
    frame: pd.DataFrame,
    patterns: pd.DataFrame,
    indicators: Sequence[Indicator],
    places: Sequence[str],
) -> Unfolded:
    """Without the empty inner cells whose pattern cannot be in their place.

    frame: the inner rows that were unfolded, which say where there are models; patterns: one row each (with_patterns);
    places: the columns of a place besides dimensions. Whoever has been counted somewhere stays, whatever is declared.
    """
    deciding = [each for each in indicators if each.at_models and f"{each.name}__numerator" in patterns.columns]
    if not deciding:
        return unfolded
    inner = unfolded.inner
    there, lacking = _needs(patterns, deciding)
    some, none = _places(inner, frame, places)
    pattern = inner["pattern"].to_numpy(dtype=np.int64)
    kept = (some | ~there[pattern]) & (none | ~lacking[pattern]) | (inner["contributors"].to_numpy() > 0)
    links = sp.csr_array(unfolded.links[:, kept])
    return Unfolded(inner=inner[kept].reset_index(drop=True), links=sp.csr_array(links[np.diff(links.indptr) > 0]))


def _needs(patterns: pd.DataFrame, deciding: Sequence[Indicator]) -> tuple[Flags, Flags]:
    """Patterns that only pupils at a school with a model have, and those that only pupils at one without have."""
    there, lacking, told = (np.zeros(len(patterns), bool) for _ in range(3))
    for each in (one for one in deciding if one.at_models == "outcome"):
        counted = patterns[f"{each.name}__denominator"].to_numpy() > 0
        told |= counted
        there |= counted & _has(patterns, each.name)
        lacking |= counted & ~_has(patterns, each.name)
    for each in (one for one in deciding if one.at_models != "outcome"):
        counted = patterns[f"{each.name}__denominator"].to_numpy() > 0
        there |= counted
        # A member that sends counts says of nobody whether there is a model.
        lacking |= told & _has(patterns, each.at_models) & ~counted
    return there, lacking


def _has(patterns: pd.DataFrame, name: str) -> Flags:
    """Patterns with an indicator's outcome, where it is counted at all."""
    if f"{name}__numerator" not in patterns.columns:
        return np.zeros(len(patterns), bool)
    return np.asarray((patterns[f"{name}__denominator"] > 0) & (patterns[f"{name}__numerator"] > 0))


def _places(inner: pd.DataFrame, frame: pd.DataFrame, places: Sequence[str]) -> tuple[Flags, Flags]:
    """By inner cell: whether some school in its place has a model, and whether some school there has none."""
    some, none = np.zeros(len(inner), bool), np.zeros(len(inner), bool)
    told = frame.assign(has=(frame["models"] != "").astype(int))
    for (_, knows), rows in inner.groupby([FAMILY, KNOWS_MODELS], sort=False):
        keys = [*places, *(["models"] if knows else [])]
        keys += [name for name in ("stage", "provider") if (rows[name] != "").any()]
        seen = told.groupby(keys)["has"].agg(["max", "min"])
        found = rows[keys].merge(seen, left_on=keys, right_index=True, how="left")
        some[rows.index], none[rows.index] = found["max"].to_numpy() > 0, found["min"].to_numpy() < 1
    return some, none
