"""A small region and rows of its inner frame: what the gate's tests take their own cells from."""

from __future__ import annotations

from typing import Any

from metrics.vocabulary import Municipality, Region

NUMBER_WORDS = {2: "Två", 3: "Tre", 4: "Fyra"}


def region_of(names: str) -> Region:
    """A region of so many members, named by a letter each, with the codes 0001, 0002 and so on."""
    members = tuple(Municipality(code=f"{place:04d}", name=name) for place, name in enumerate(names, start=1))
    word = NUMBER_WORDS[len(members)]
    return Region(name=word, title=f"{word} kommuner", members=members)


def inner_row(pupils: int, *, school: str = "", home: str = "", where: str = "", **other: Any) -> dict[str, Any]:
    """So many pupils alike: by the school's municipality or the home's, at the first two schools there, other columns as said.

    `where`: what the schools' names begin with, the municipality if nothing is said.
    """
    place = where or school or home
    return {
        "period": "2024/25",
        "school_municipality": school,
        "home_municipality": home,
        "provider": "municipal" if school else "",
        "stage": "7-9",
        "models": "",
        "sex": "girls",
        "foreign_background": "swedish",
        "parents_education": "post_secondary",
        "newly_arrived": "not_newly_arrived",
        "contributors": pupils,
        "school_first": f"{place}1",
        "school_last": f"{place}2",
    } | other


def classes(**held: int) -> dict[str, int]:
    """Counted in these indicators, with (1) or without (0) the outcome."""
    return {
        f"{name}__{column}": number
        for name, outcome in held.items()
        for column, number in (("denominator", 1), ("numerator", outcome))
    }
