"""The pupils whom a model met, before, during and after the support: counts, shares and the warning that belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from metrics.present import numbers
from metrics.vocabulary import STAGES

TABLE = "reached_pupils"
LIMIT = "minst 20 procents frånvaro"
REGRESSION = (
    "Elever söks ofta upp när det är som sämst, och då går det i medeltal bättre efteråt också utan hjälp (regression mot "
    "medelvärdet). Att det gått bättre för dem som fått stöd visar därför inte att modellen verkar."
)
NOT_FOLLOWED = "Utgåvan följer inga elever som modellen mött, före, under och efter stödet."
HIDDEN = "Hur det gick för de elever som modellen mött, före, under och efter stödet, är dolt för att skydda enskilda."
REST = (
    "De andra får stöd ännu, har lämnat årskurs 7–9 eller saknar uppgifter i någon del, och kan ha haft det annorlunda."
)


def sentences_of(rows: pd.DataFrame, model: str) -> list[str]:
    """What the release's table reached_pupils says of a model over the region, and the warning."""
    found = rows[rows["model"] == model].to_dict("records")
    if not found:
        return [NOT_FOLLOWED, REGRESSION]
    told = {str(name): value for name, value in found[0].items()}
    return [*(_told(told) if told["status"] == "shown" else [HIDDEN]), REGRESSION]


def _told(told: Mapping[str, Any]) -> list[str]:
    stage = STAGES.get(told["stage"], told["stage"])
    pupils = f"elever i {stage[:1].lower()}{stage[1:]}"
    followed = numbers.count(told["followed"])
    everyone = told["followed"] == told["reached"]
    how = (
        f"Modellen har mött {numbers.count(told['reached'])} {pupils} i {told['area']}. "
        + ("Alla" if everyone else followed)
        + " kan följas från terminen före stödet till terminen efter."
        + ("" if everyone else f" {REST}")
    )
    shares = (
        f"{_share(told, 'before')} {LIMIT} terminen före stödet, {_share(told, 'during')} under det och "
        f"{_share(told, 'after')} terminen efter"
    )
    return [how, f"Av de {followed} som kan följas hade {shares}."]


def _share(told: Mapping[str, Any], part: str) -> str:
    """47 elever (15 %)."""
    share = 100 * told[part] / told["followed"]
    return f"**{numbers.count(told[part])}** ({numbers.in_unit(share, 'share', 0)})"
