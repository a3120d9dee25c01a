"""Whose figures a flow or a curve is about: a member or the region, a period, a stage, and one of the layout's cuts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from metrics.models.types import MODEL_TYPES
from metrics.present import numbers
from metrics.present.figures import TOLD, Figure, Figures, Key
from metrics.present.indicator import REGION
from metrics.values import Status
from metrics.vocabulary import ALL, BACKGROUNDS, NO_MODEL, PROVIDERS, SEXES

EVERYONE = ""
"""The choice that stands for no cut."""
MODEL_TITLES = {each.name: each.title for each in MODEL_TYPES}
WITHOUT = "without:"
UNTOLD = (Status.NOT_YET_OBSERVABLE, Status.MISSING, Status.NOT_COMPARABLE)
"""What is said of a total stands for each of its groups."""
WORDS = {
    "swedish": "med svensk bakgrund",
    "foreign": "med utländsk bakgrund",
    "foreign_background_unknown": "med okänd bakgrund",
    "compulsory": "med föräldrar som har högst grundskola",
    "upper_secondary": "med föräldrar som har gymnasieutbildning",
    "post_secondary": "med föräldrar som har eftergymnasial utbildning",
    "parents_education_unknown": "med föräldrar vars utbildning är okänd",
    "municipal": "i kommunala skolor",
    "independent": "i fristående skolor",
    ALL: "hos alla huvudmän",
}
"""Groups inside a sentence, after the word for those it is about."""


class Cut(NamedTuple):
    """One group of pupils; `provider` "" is whom the indicator is compared over."""

    provider: str = ""
    sex: str = ALL
    background: str = ALL
    model: str = ALL

    @property
    def group(self) -> str:
        """The choice among pupils that gives this cut, beside its model."""
        found = (self.sex, self.background, self.provider)
        return next((each for each in found if each not in (ALL, "")), self.provider or EVERYONE)


UNCUT = Cut()
"""Everyone."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """Whose figures are looked at: a member or REGION, one period's label, a stage, and a cut."""

    area: str
    period: str
    stage: str = ALL
    cut: Cut = UNCUT

    @property
    def whole(self) -> bool:
        return self.area == REGION

    def key(self, figures: Figures, name: str) -> Key:
        provider = self.cut.provider or figures.provider_of(name)
        return Key(
            area=self.area,
            provider=provider,
            stage=self.stage,
            model=self.cut.model,
            sex=self.cut.sex,
            background=self.cut.background,
        )


def figure_of(figures: Figures, name: str, where: Where) -> Figure | None:
    """The figure of an indicator; the region is not yet observable where its members are not."""
    key = where.key(figures, name)
    found = (
        figures.region_figure(name, key._replace(area=""), where.period)
        if where.whole
        else figures.figure(name, key, where.period)
    )
    return found or _untold(figures, name, where)


def _untold(figures: Figures, name: str, where: Where) -> Figure | None:
    """That nothing can be seen or is delivered is said once for all stages and groups, and of members only."""
    members = figures.release.member_names if where.whole else [where.area]
    found = [
        figures.figure(name, Key(area=member, provider=figures.provider_of(name), stage=stage), where.period)
        for member in members
        for stage in (where.stage, ALL)
    ]
    said = UNTOLD[:1] if where.whole else UNTOLD
    late = next((each for each in found if each and each.status in said), None)
    if late is None or not where.whole:
        return late
    return late._replace(area=figures.region_name, area_type="region")


def cuts(figures: Figures, names: Iterable[str], area: str, stage: str = ALL) -> list[Cut]:
    """The groups that the release has a value or a hidden one for, of any of these indicators in the area."""
    found = {
        Cut(
            provider="" if key.provider == figures.provider_of(name) else key.provider,
            sex=key.sex,
            background=key.background,
            model=key.model,
        )
        for name in names
        for key, series in figures.all_series(name).items()
        if key.series == "own" and not key.pooled and key.stage == stage and _is_in(key, area)
        if any(each.status in TOLD for each in series)
    }
    return sorted(found | {UNCUT}, key=lambda each: (_order(each.group), _model_order(each.model)))


def _is_in(key: Key, area: str) -> bool:
    return key.area_type == "region" if area == REGION else (key.area_type, key.area) == ("municipality", area)


def _order(group: str) -> int:
    known = [EVERYONE, *SEXES, *BACKGROUNDS, *PROVIDERS]
    return known.index(group) if group in known else len(known)


def _model_order(model: str) -> tuple[int, str]:
    kind = 0 if model == ALL else 3 if model.startswith(WITHOUT) else 2 if model == NO_MODEL else 1
    return (kind, model_title(model))


def models(found: Iterable[Cut]) -> dict[str, str]:
    """The choices of model among these groups, the whole first."""
    return {("" if each.model == ALL else each.model): model_title(each.model) for each in found if not each.group}


def groups(found: Iterable[Cut], model: str) -> dict[str, str]:
    """The choices of pupils at the schools of a model, everyone first."""
    return {each.group: group_title(each.group) for each in found if each.model == (model or ALL)}


def chosen(found: Iterable[Cut], group: str, model: str) -> Cut:
    """The cut of two choices; everyone where there is no such cut."""
    wanted = model or ALL
    return next((each for each in found if (each.group, each.model) == (group, wanted)), UNCUT)


def model_title(model: str) -> str:
    if model == ALL:
        return "Alla skolor"
    if model == NO_MODEL:
        return "Utan samverkansmodell"
    title = MODEL_TITLES.get(model.removeprefix(WITHOUT), model.removeprefix(WITHOUT))
    return f"Utan {numbers.small(title)}" if model.startswith(WITHOUT) else f"Med {numbers.small(title)}"


def group_title(group: str) -> str:
    if group == EVERYONE:
        return "Alla"
    return {**PROVIDERS, **SEXES, **BACKGROUNDS, ALL: PROVIDERS[ALL]}.get(group, group)


def noun(cut: Cut, everyone: str) -> str:
    """Those a cut is about, `everyone` without one: flickor; elever med utländsk bakgrund vid skolor med SSPF."""
    who = SEXES[cut.sex].lower() if cut.sex != ALL else everyone
    said = [
        WORDS[each] for each in (cut.background, cut.provider) if each not in (ALL, "") or (each == cut.provider == ALL)
    ]
    at = model_title(cut.model)
    said += [f"vid skolor {at[:1].lower()}{at[1:]}"] if cut.model != ALL else []
    return " ".join([who, *said])


def title(cut: Cut) -> str:
    """A cut after a comma in a title, "" for everyone: flickor, skolor med SSPF."""
    at = model_title(cut.model)
    said = [group_title(cut.group).lower()] if cut.group else []
    said += [f"skolor {at[:1].lower()}{at[1:]}"] if cut.model != ALL else []
    return ", ".join(said)
