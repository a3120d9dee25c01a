"""Which tables a release publishes per population: the whole of what protection solves together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from metrics.declare import require
from metrics.vocabulary import BACKGROUND_FIELDS

CUTS = ("area", "provider", "stage", "model", "sex", *BACKGROUND_FIELDS)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: `area` says which areas it has rows for, `by` what it is cut by.

    `areas`: "members", "region", "rest_of_region" (the region without one member; the row's `area` is that member
    and its area_type rest_of_region), "school_units" (school part only). `by`: subset of CUTS without "area".
    A dimension that is not in `by` is total: "all", except provider, which is the counts' main provider. `by` with
    "provider" has rows for all, municipal and independent that are not the main provider's total already.
    `only` limits the table to these values of its dimensions; the others are not published, but protected as far as
    they follow from what is. `pooled` adds up this many school years, ending with each year that has them all.
    `schools`: an area cut by provider is told where each provider there has at least so many school units with pupils;
    otherwise all its rows by provider are hidden, whatever they hold.
    """

    areas: str
    by: tuple[str, ...] = ()
    pooled: int = 1
    only: tuple[str, ...] = ()
    schools: int = 1

    def __post_init__(self) -> None:
        allowed = ("members", "region", "rest_of_region", "school_units")
        require(self.areas in allowed, f"areas is one of {allowed}", self.areas)
        require(set(self.by) <= set(CUTS) - {"area"}, f"by is among {CUTS[1:]}", self.by)
        require(self.pooled >= 1, "pooled years are at least one", self.pooled)
        require(self.schools == 1 or "provider" in self.by, "schools are asked of a table by provider", self.by)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The tables of one population family.

    Values of the model dimension: "all"; a type name m = pupils whose school's set contains m (so a pupil at a
    school with two models stands in both rows and once in the total); vocabulary.NO_MODEL = the empty set;
    "without:m" = pupils whose school's set does not contain m (region only, the benchmark "utan modellen").
    A group without a single contributor has no row at all: an outsider learns from a hidden row that its
    denominator is at least 1, and the audit must count on that.
    `last`: tables whose shares are hidden only where nothing else can protect (flows too, where all are the region's);
    the first of these groups of tables is kept before the next. Otherwise totals only weigh more than the rest.
    `even`: totals and numbers by sex weigh alike whatever they count, so that few are hidden; otherwise the larger weigh more.
    `by_share`: a total weighs so many times more where all pupils are in it, half as many times where half of them are: the
    region's and the largest members' go after the others'. Each cell of a member is one among many, but not its pupils.
    `members`: protected counts stay open to each member with all its own pupils too, wherever it is not asked for.
    """

    tables: tuple[Table, ...]
    by_stage: bool = False
    last: tuple[tuple[Table, ...], ...] = ()
    even: bool = False
    by_share: float = 0.0
    members: bool = False

    def __post_init__(self) -> None:
        require(self.by_share >= 0.0, "by_share is at least 0", self.by_share)
        require(len(set(self.tables)) == len(self.tables), "a table stands once in its layout", self.tables)


def together(layouts: Sequence[Layout]) -> Layout:
    """Every table of these layouts."""
    tables = dict.fromkeys(table for layout in layouts for table in layout.tables)
    return Layout(
        tables=tuple(tables),
        by_stage=any(layout.by_stage for layout in layouts),
        last=tuple(dict.fromkeys(each for layout in layouts for each in layout.last)),
        even=any(layout.even for layout in layouts),
        by_share=max(layout.by_share for layout in layouts),
        members=any(layout.members for layout in layouts),
    )


OPEN_TABLES: tuple[Table, ...] = (
    Table(areas="members"),
    Table(areas="members", by=("provider",)),
    Table(areas="members", by=("sex",)),
    # Few pupils have an unknown background: published, it would hide the two known ones in nearly every member.
    Table(areas="members", by=("foreign_background",), only=("foreign",)),
    Table(areas="members", by=("model",)),
    Table(areas="members", pooled=3),
    Table(areas="region"),
    Table(areas="region", by=("provider",)),
    Table(areas="region", by=("sex",)),
    Table(areas="region", by=("foreign_background",)),
    Table(areas="region", by=("parents_education",)),
    Table(areas="region", by=("model",)),
    Table(areas="region", by=("model", "sex")),
    Table(areas="region", pooled=3),
    Table(areas="rest_of_region"),
)

DEFAULT_LAYOUT = Layout(tables=OPEN_TABLES)
BY_MODEL_AND_SEX = Table(areas="region", by=("model", "sex"))


def _members_and_region(*cuts: str, pooled: bool = True) -> tuple[Table, ...]:
    """Members, region and its rest in total, then members and region by each cut, then three years pooled."""
    totals = (Table(areas="members"), Table(areas="region"), Table(areas="rest_of_region"))
    by_cut = (Table(areas=areas, by=(cut,)) for cut in cuts for areas in ("members", "region"))
    years = (Table(areas="members", pooled=3), Table(areas="region", pooled=3)) if pooled else ()
    return (*totals, *by_cut, *years)


MEMBERS, REGION = Table(areas="members"), Table(areas="region")
REGION_FIRST = ((REGION,), (MEMBERS,))
BY_PROVIDER = Table(areas="members", by=("provider",))
BY_PROVIDERS_OF_SCHOOLS = Table(areas="members", by=("provider",), schools=2)


LAYOUTS: dict[str, Layout] = {
    # A model of one small school by sex costs more values of members by sex than it shows, and so does a member's only
    # independent school in its totals (README, Vägval).
    "year9_leavers": Layout(
        tables=tuple(
            BY_PROVIDERS_OF_SCHOOLS if table == BY_PROVIDER else table
            for table in OPEN_TABLES
            if table != BY_MODEL_AND_SEX
        ),
        last=((MEMBERS, REGION),),
        even=True,
        by_share=1.0,
    ),
    "year6_pupils": replace(DEFAULT_LAYOUT, even=True),
    # Stages added together mean nothing, and terms are not pooled: autumn and spring differ every year.
    "attendance": Layout(
        by_stage=True,
        tables=(
            *_members_and_region("sex", "model", pooled=False),
            Table(areas="region", by=("provider",)),
            Table(areas="region", by=("foreign_background",)),
        ),
    ),
    # Seen from the home municipality: which school and which of its models is another question.
    "upper_secondary_starters": Layout(
        tables=_members_and_region("sex", "foreign_background", "parents_education"), last=REGION_FIRST
    ),
    "upper_secondary_leavers": Layout(tables=_members_and_region("sex", "foreign_background")),
    "activity_responsibility": Layout(tables=_members_and_region("sex"), last=REGION_FIRST),
    # Few children a year in most members: the region is cut, the members are not.
    "reported_children": Layout(
        tables=(*_members_and_region(), Table(areas="region", by=("sex",)), Table(areas="region", by=("stage",))),
        even=True,
    ),
    "resource_centre_placements": Layout(
        tables=(*_members_and_region(), Table(areas="region", by=("sex",)), Table(areas="region", by=("stage",))),
        even=True,
        by_share=20.0,
    ),
    # Few children have a plan, and few pupils support from both: totals alone.
    "coordinated_plans": Layout(tables=(*_members_and_region(), Table(areas="region", by=("sex",)))),
    # Classes of open values divided further (protect.splits): no cut across another, so that the open ones stay as they are.
    "joined_pupils": Layout(
        by_stage=True, tables=(Table(areas="members"), Table(areas="members", by=("sex",)), Table(areas="region"))
    ),
    "joined_leavers": Layout(tables=(Table(areas="members"), Table(areas="region"))),
    "leavers_by_absence": Layout(
        tables=(Table(areas="region"), Table(areas="region", by=("foreign_background",), only=("foreign",)))
    ),
    "special_support_pupils": Layout(tables=_members_and_region()),
    # Answers of one stage say nothing of another's, and a survey is not asked in the same years everywhere.
    "survey_answers": Layout(
        by_stage=True, tables=(*_members_and_region(pooled=False), Table(areas="region", by=("sex",)))
    ),
    "model_participants": Layout(
        tables=(*_members_and_region(), Table(areas="region", by=("model",)), Table(areas="region", by=("stage",))),
        last=REGION_FIRST,
    ),
}


ONLY_OUTSIDERS = (
    "year9_leavers",
    "attendance",
    "upper_secondary_starters",
    "upper_secondary_leavers",
    "reported_children",
)
"""Families too large to be kept open to each member with all its own pupils unless it is asked for: it doubles their time."""

COMPARED = (
    "eligibility_vocational",
    "all_subjects_passed",
    "next_step_national",
    "year6_core_passed",
    "year6_all_passed",
    "absence_10",
    "absence_20",
)
"""The shares for which model types, combinations of models and similar schools are compared (release.comparisons)."""
REGION_BY_MODEL = Table(areas="region", by=("model",))


def layout_of(population: str) -> Layout:
    """The layout of a population family; the default one where nothing else is declared."""
    return replace(LAYOUTS.get(population, DEFAULT_LAYOUT), members=population not in ONLY_OUTSIDERS)


SCHOOL_PARTS: dict[str, tuple[str, ...]] = {
    "year9_leavers": ("eligibility_vocational", "all_subjects_passed"),
    "attendance": ("absence_10", "absence_20"),
    "year6_pupils": ("year6_core_passed", "year6_all_passed"),
}
"""The indicators that have values per school, in total only: no sex, no background, no magnitudes."""

SCHOOL_STAGES: dict[str, tuple[str, ...]] = {"attendance": ("7-9",)}
"""The stages that have values per school, where a family is published by stage."""

SCHOOL_YEARS = 3
"""The newest so many school years get a school part."""
