"""The gate of the mapping: what may be shown of people's answers. Never fewer than the threshold in any group shown,

nor in what is left when shown groups are taken from their total, nor in what separates a release from the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pandas as pd

GROUP = ("school_year", "side", "model_type", "question")
COLUMNS = (*GROUP, "word", "respondents", "value", "status")
WHOLE = "all"
RESPONDENTS_AT_LEAST = 5


def protected_answers(
    answers: pd.DataFrame, earlier: Sequence[pd.DataFrame] = (), *, at_least: int = RESPONDENTS_AT_LEAST
) -> pd.DataFrame:
    """The rows a release may carry, as COLUMNS: per group the word's count of respondents, or a scale's mean.

    `answers`: one row per respondent, question and word said (word "" and `score` for scales; a respondent who said no
    word has one row with word None), with `respondent` unique within a round. `earlier`: the rows as every earlier release
    showed them, the newest first. A group is hidden whole: then one row with word "" and status "hidden".
    """
    k = max(at_least, RESPONDENTS_AT_LEAST)
    made = [_question(found, k) for _, found in answers.groupby(["school_year", "side", "question"], sort=True)]
    rows = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(COLUMNS))
    return _held(rows, earlier, k)


def _question(found: pd.DataFrame, k: int) -> pd.DataFrame:
    """One round, side and question: its model types and their total."""
    sizes = found.groupby("model_type")["respondent"].nunique()
    shown = shown_types({str(model): int(n) for model, n in sizes.items()}, k)
    parts = [_group(found[found["model_type"] == model], str(model), model in shown) for model in sorted(sizes.index)]
    return pd.concat([_group(found, WHOLE, int(sizes.sum()) >= k), *parts], ignore_index=True)


def shown_types(sizes: dict[str, int], k: int) -> set[str]:
    """The model types that may be shown beside their total: large enough, and so is what is left without them."""
    shown = {model for model, n in sizes.items() if n >= k}
    while shown and 0 < (left := sum(n for model, n in sizes.items() if model not in shown)) < k:
        shown.remove(min(shown, key=lambda model: (sizes[model], model)))
        assert left >= 0
    return shown


def _group(found: pd.DataFrame, model: str, shown: bool) -> pd.DataFrame:
    first = found.iloc[0]
    said = {
        "school_year": first["school_year"],
        "side": first["side"],
        "model_type": model,
        "question": first["question"],
    }
    if not shown:
        return pd.DataFrame([{**said, "word": "", "respondents": None, "value": None, "status": "hidden"}])
    n = int(found["respondent"].nunique())
    if found["score"].notna().any():
        rows = [("", float(found["score"].mean()))]
    else:
        counts = found.dropna(subset=["word"]).groupby("word")["respondent"].nunique()
        rows = [(str(word), float(count)) for word, count in sorted(counts.items())]
    rows = rows or [("", 0.0)]
    return pd.DataFrame(
        [{**said, "word": word, "respondents": float(n), "value": value, "status": "shown"} for word, value in rows]
    )


def _held(rows: pd.DataFrame, earlier: Sequence[pd.DataFrame], k: int) -> pd.DataFrame:
    """A round stays as it was last shown when the difference from any earlier table is about fewer than k respondents.

    Any earlier one: what follows from the first and the third need not follow from the second.
    """
    kept = []
    for year, new in rows.groupby("school_year", sort=True):
        shown = [each[each["school_year"] == year] for each in earlier]
        shown = [each for each in shown if len(each)]
        free = all(_may_change(old, new, k) for old in shown)
        kept.append(new if free else shown[0].reindex(columns=list(COLUMNS)))
    return pd.concat(kept, ignore_index=True) if kept else rows


def _may_change(old: pd.DataFrame, new: pd.DataFrame, k: int) -> bool:
    """Whether every group that follows from both tables is the same in both, or differs by at least k respondents."""
    keys = ["side", "question"]
    before = dict(iter(old.groupby(keys)))
    after = dict(iter(new.groupby(keys)))
    return all(_same_or_apart(before[key], after[key], k) for key in before.keys() & after.keys())


def _same_or_apart(old: pd.DataFrame, new: pd.DataFrame, k: int) -> bool:
    """One question: a type that is in one table only has nobody in the other, so sets are compared without it."""
    both = set(old["model_type"]) & set(new["model_type"])
    then: dict[frozenset[str], list[Sums]] = {}
    for types, sums in _following(old).items():
        then.setdefault(types & both, []).append(sums)
    return all(
        was == now or abs(now[WHOLE] - was[WHOLE]) >= k
        for types, now in _following(new).items()
        for was in then.get(types & both, ())
        if types & both
    )


Sums = dict[str, float]
"""Respondents under WHOLE, and per word how many said it (for a scale, the sum of the scores)."""


def _following(rows: pd.DataFrame) -> dict[frozenset[str], Sums]:
    """What a reader can add up or subtract of one question: every set of model types whose sums follow."""
    shown = {str(model): _sums(each) for model, each in rows.groupby("model_type") if (each["status"] == "shown").all()}
    hidden = frozenset(str(model) for model in rows.loc[rows["status"] != "shown", "model_type"]) - {WHOLE}
    whole = shown.pop(WHOLE, None)
    found: dict[frozenset[str], Sums] = {}
    for size in range(len(shown) + 1):
        for chosen in combinations(sorted(shown), size):
            part = _added([shown[each] for each in chosen])
            if chosen:
                found[frozenset(chosen)] = part
            if whole is not None:
                found[hidden | (shown.keys() - set(chosen))] = _added([whole], part)
    return {types: sums for types, sums in found.items() if types}


def _sums(rows: pd.DataFrame) -> Sums:
    n, scale = float(rows["respondents"].iloc[0]), str(rows["question"].iloc[0]).startswith("scale")
    said = {
        f"word {word or ''}": float(value) * (n if scale else 1)
        for word, value in zip(rows["word"], rows["value"], strict=True)
    }
    return {WHOLE: n} | {word: round(value, 6) for word, value in said.items() if value}


def _added(several: Sequence[Sums], less: Sums | None = None) -> Sums:
    taken = less or {}
    words = {word for each in (*several, taken) for word in each}
    sums = {word: round(sum(each.get(word, 0.0) for each in several) - taken.get(word, 0.0), 6) for word in words}
    return {word: value for word, value in sums.items() if value or word == WHOLE} | (
        {} if WHOLE in sums else {WHOLE: 0.0}
    )
