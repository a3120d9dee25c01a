"""What can be declared: columns, extracts, rules, indicators and model types. Frozen, and they check themselves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Literal, get_args

from metrics.vocabulary import PERIOD_KINDS, PERSPECTIVES, STAGES

Unit = Literal["share", "mean", "per_1000", "incidence", "flow"]
Polarity = Literal["higher_is_better", "lower_is_better", "no_judgement"]
Sensitive = Literal["outcome", "remainder", "both", "none"]
Implied = Literal["outcome", "remainder", "counted", "not counted"]
Severity = Literal["error", "warning", "info"]
ColumnKind = Literal[
    "text", "code", "integer", "decimal", "date", "flag", "pseudonym", "school_year", "municipality", "school_unit"
]

UNITS = ("share", "mean", "per_1000", "incidence", "flow")
POLARITIES = ("higher_is_better", "lower_is_better", "no_judgement")
SENSITIVITIES = ("outcome", "remainder", "both", "none")
COLUMN_KINDS = get_args(ColumnKind)
DIMENSIONS = ("area", "provider", "stage", "model", "sex", "background")


class DeclarationError(ValueError):
    """A declaration breaks a rule; the message reads "rule, got: value"."""


def require(holds: bool, rule: str, got: object) -> None:
    """Raise DeclarationError("rule, got: value") unless the rule holds."""
    if not holds:
        raise DeclarationError(f"{rule}, got: {got!r}")


def _identifier(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of an extract.

    `headings` are the accepted headings besides `name` and `title`, compared without case, accents of spacing
    and punctuation. `codes` maps every accepted written value (lower case) to the stored code; None = free.
    `low`/`high` bound numbers (inclusive) and dates (ISO text); of a text, `high` is its greatest length. `space`: the
    pseudonym space of a column that does not lie in the extract's own.
    """

    name: str
    title: str
    kind: ColumnKind
    description: str
    headings: tuple[str, ...] = ()
    required: bool = True
    may_be_empty: bool = False
    codes: Mapping[str, str] | None = None
    low: float | str | None = None
    high: float | str | None = None
    purpose: str = ""
    space: str = ""

    def __post_init__(self) -> None:
        require(_identifier(self.name), "a column name is lower_snake_case English", self.name)
        require(self.kind in COLUMN_KINDS, f"a column kind is one of {COLUMN_KINDS}", self.kind)
        require(bool(self.title and self.description), "a column has a Swedish title and description", self.name)
        require(self.kind != "code" or bool(self.codes), "a code column lists its codes", self.name)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One check of an extract's rows: `bad_when` is a SQL condition on the typed row that is true for a bad row.

    `sql`, instead, is a full SELECT returning `row_number` of bad rows; it may read the staged rows as `staged` and
    the vault's views, named in `reads` (without them on the connection the rule is passed over); `crosses` is True when
    other organisations' rows decide the outcome.
    `sentence` is Swedish and says what is wrong, `advice` what to do. `good`/`bad` are small rows (column -> text)
    that the rule lets through and stops; tests run them.
    """

    code: str
    severity: Severity
    sentence: str
    advice: str
    columns: tuple[str, ...]
    bad_when: str = ""
    sql: str = ""
    reads: tuple[str, ...] = ()
    crosses: bool = False
    good: Mapping[str, str] = field(default_factory=dict)
    bad: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(_identifier(self.code), "a rule code is lower_snake_case English", self.code)
        require(bool(self.bad_when) != bool(self.sql), "a rule has bad_when or sql, one of them", self.code)
        require(self.severity in ("error", "warning", "info"), "severity is error, warning or info", self.severity)
        require(self.sentence.endswith("."), "a rule's sentence is a sentence with a full stop", self.sentence)
        require(self.advice.endswith("."), "a rule's advice is a sentence with a full stop", self.advice)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of text cells: a spreadsheet's sheet, or a whole text file (then without a name).

    `numbers` is each row's number as the sender sees it. A number cell of a spreadsheet is written with a decimal
    comma, so that it cannot be taken for a thousands separator.
    """

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A decoded file as an extract's own reader gets it: sheets of cells, or parsed JSON in `tree`."""

    sheets: tuple[Sheet, ...] = ()
    tree: object = None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something a reader could not make sense of: the code of a declared check, and where."""

    code: str
    column: str = ""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an extract's own reader made of a document: text cells per declared column, and their row numbers."""

    columns: Mapping[str, Sequence[str]]
    row_numbers: Sequence[int]
    header_row: int | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    skipped: int = 0


@dataclass(frozen=True, kw_only=True)
class Extract:
    """A kind of file that can be handed in. One file in metrics/extracts/ declares it as `EXTRACT`.

    `key`: the columns that identify a row inside one period and source system. `period_column` and
    `unit_column` state what a batch covers (None = the whole file is one coverage); a period column of kind "date"
    covers the period of `period_kind` that the date falls in. `space` is the pseudonym space of
    its pseudonym columns ("school", "social"). `reader`, if given, turns the decoded file into rows by itself
    (official exports) and returns None for a document that is not of its kind; otherwise the generic reader of one
    header and its rows is used. `usual_age`: the age most pupils turn in the spring year, which tells extracts apart
    that have the same headings. `example_rows` are accepted rows as text.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    retention_years: int
    period_column: str | None = None
    period_kind: str = "school_year"
    unit_column: str | None = None
    space: Literal["school", "social"] | None = None
    personal: bool = True
    usual_age: int | None = None
    rules: tuple[Rule, ...] = ()
    reader: Callable[[Document], Reading | None] | None = None
    example_rows: tuple[Mapping[str, str], ...] = ()

    def __post_init__(self) -> None:
        require(_identifier(self.name), "an extract name is lower_snake_case English", self.name)
        names = [column.name for column in self.columns]
        require(len(set(names)) == len(names), "a column stands once in its extract", names)
        for part in (*self.key, *filter(None, (self.period_column, self.unit_column))):
            require(part in names, f"key, period and unit of {self.name} are its columns", part)
        for rule in self.rules:
            for name in rule.columns:
                require(name in names, f"rule {rule.code} names columns of {self.name}", name)
        pseudonyms = any(column.kind == "pseudonym" for column in self.columns)
        require(pseudonyms == (self.space is not None), "an extract with pseudonyms names their space", self.space)
        require(self.period_kind in PERIOD_KINDS, f"a period kind is one of {list(PERIOD_KINDS)}", self.period_kind)

    def column(self, name: str) -> Column:
        """The column of this name; DeclarationError otherwise."""
        for column in self.columns:
            if column.name == name:
                return column
        raise DeclarationError(f"a column of {self.name}, got: {name!r}")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A worked example that is test and documentation at once.

    `tables`: extract name -> small text table (first line headings, cells separated by blanks or "|");
    `expected`: text table of period, the dimension columns that matter, numerator and denominator.
    `explanation` is Swedish.
    """

    tables: Mapping[str, str]
    expected: str
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of an indicator's history: date, what changed, and which years moved by how much (Swedish)."""

    version: int
    day: date
    what: str


@dataclass(frozen=True, kw_only=True)
class Official:
    """The official series an indicator is reconciled with: source ("skolverket" | "kolada"), its table and column.

    For Kolada `table` is the KPI's id and `column` its title. `years_later`: the official period is named after a
    school year that ends so many years after the indicator's own (a cohort's start). `same_definition` False: shown
    beside for orientation, never reconciled.
    """

    source: Literal["skolverket", "kolada"]
    table: str
    column: str
    provider: str = "all"
    years_later: int = 0
    same_definition: bool = True


@dataclass(frozen=True, kw_only=True)
class Linkage:
    """How large a share of an indicator's cohort is found again in what was delivered later.

    `indicator`: the share of the same family that says it, for the same cohort or the one it is a part of (under a join of
    another family); it passes the gate as any other. `counts_found` False: it counts those who were not found (the state "unknown" of a flow).
    `who` is Swedish, after "av": eleverna. `decides`: under LINKAGE_AT_LEAST the indicator is not comparable; False where
    those not followed are outside its denominator already.
    """

    indicator: str
    who: str = "eleverna"
    counts_found: bool = True
    decides: bool = True


LINKAGE_AT_LEAST = 0.9
"""The share of a cohort that must be found again for a linked indicator to be comparable."""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator. Its SQL is a plain SELECT that returns, one row per pupil and period,

    `period`, `contributors` (the distinct pupil), `school_unit`, the DIMENSION_COLUMNS of values.py, and
    `numerator`, `denominator` (1/0; NULL denominator = 0). For unit "mean": `numerator` is the magnitude and
    `denominator` 1/0. It never aggregates per municipality, divides, rounds, hides or formats.
    `sensitive` says which class must not be singled out: those with the outcome, the remainder, both or none.
    Some indicators say more, and their SQL then returns more columns:
    `ratio` (value = sum of numerator / sum of weight, times 1,000 for "per_1000"): `weight`, the pupil's own part of
    the magnitude below the line (offered minutes, reports); `denominator` stays 1/0 and says who is counted.
    `followed_years` (the outcome is seen so many years after the period) and `horizon_days` (unit "incidence": the
    share whose event 1 comes within so many days): `observed` 1/0, 0 = cannot be seen yet in what is delivered;
    denominator is then 0. A period with no observed row at all is not yet observable; a municipality with none has not delivered.
    Unit "incidence" also returns `time` (whole days from the start to the event or the last day seen) and `event`
    (0 = still going on when last seen, 1 = the event, 2 = another end that rules it out), for everyone who started:
    numerator and denominator count only those followed to the horizon, so the share has no censoring in it.
    `counts_events` (unit "mean"): the magnitude is a number of events of which every counted pupil has at least one.
    `members_whole`: a member's value is for all its pupils; cuts are for the region only.
    `rarely_reached`: the rules of schooling let almost nobody have the outcome so soon; that nobody has it tells of no child.
    `within`: a wider indicator whose outcome includes this one's (absent 10 percent, absent 20); between them is sensitive too.
    `elsewhere`: another family's indicator whose outcome has these pupils too, a school year later (known.told_elsewhere).
    `implies`: what all with this outcome are in others of its family: in the outcome or remainder where counted, or (not) counted.
    `at_models`: which schools have a model decides it, as anyone knows: "outcome", or counted are those there with this outcome.
    `part_of`: the flow this state is a part of; the numerators of its parts add up to their common denominator.
    `needs_join`: it reads `declared_join` (pupil, child), which is empty unless a join is declared and in force.
    `counts_own_join`: a member that has joined by itself may deliver it as counts; only where its pupils are no others' cut.
    `splits`: open indicators of other families that it divides: shown only where they are, with all that splits them (protect.splits).
    `linkage`: it follows pupils from one extract to another or over the years; what says how many were found.
    """

    name: str
    title: str
    short_title: str
    question: str
    why_it_matters: str
    numerator_label: str
    denominator_label: str
    unit: Unit
    polarity: Polarity
    sensitive: Sensitive
    population: str
    theme: str
    perspective: str
    period_kind: str
    dimensions: tuple[str, ...]
    sql: str
    extracts: tuple[str, ...]
    examples: tuple[Example, ...]
    history: tuple[Change, ...]
    reviewed: date
    next_review: date
    official: tuple[Official, ...] = ()
    breaks: Mapping[str, str] = field(default_factory=dict)
    decimals: int = 1
    effect_that_matters: float = 3.0
    order: int = 100
    ratio: bool = False
    followed_years: int | None = None
    horizon_days: int | None = None
    part_of: str = ""
    needs_join: bool = False
    counts_own_join: bool = False
    splits: tuple[str, ...] = ()
    counts_events: bool = False
    members_whole: bool = False
    rarely_reached: bool = False
    linkage: Linkage | None = None
    within: str = ""
    elsewhere: str = ""
    implies: Mapping[str, Implied] = field(default_factory=dict)
    at_models: str = ""

    def __post_init__(self) -> None:
        require(_identifier(self.name), "an indicator name is lower_snake_case English", self.name)
        require(self.unit in UNITS, f"a unit is one of {UNITS}", self.unit)
        require(self.polarity in POLARITIES, f"a polarity is one of {POLARITIES}", self.polarity)
        require(self.sensitive in SENSITIVITIES, f"sensitive is one of {SENSITIVITIES}", self.sensitive)
        require(self.perspective in PERSPECTIVES, f"a perspective is one of {list(PERSPECTIVES)}", self.perspective)
        require(self.period_kind in PERIOD_KINDS, f"a period kind is one of {list(PERIOD_KINDS)}", self.period_kind)
        require(set(self.dimensions) <= set(DIMENSIONS), f"dimensions are among {DIMENSIONS}", self.dimensions)
        require(self.question.endswith("?"), "a question ends with a question mark", self.question)
        require(bool(self.examples and self.history), "an indicator has a worked example and a history", self.name)
        require(self.next_review > self.reviewed, "the next review comes after the last", self.next_review)
        require("SELECT *" not in self.sql.upper(), "SQL names its columns", self.name)
        require((self.unit == "incidence") == (self.horizon_days is not None), "incidence has a horizon", self.name)
        require(not self.within or self.sensitive in ("outcome", "both"), "within: of a sensitive outcome", self.within)
        require((self.unit == "flow") == bool(self.part_of), "a flow says what it is a part of", self.name)

    @property
    def version(self) -> int:
        return max(change.version for change in self.history)

    @property
    def censored(self) -> bool:
        """Whether the SQL returns `observed`: the outcome lies after the period."""
        return self.followed_years is not None or self.horizon_days is not None


@dataclass(frozen=True, kw_only=True)
class ExpectedResult:
    """What a model is meant to change, declared before anything is evaluated: direction, size, earliest year.

    `smallest_size` is in the indicator's unit (percentage points for shares). `earliest_year` counts whole years from
    the start (0 = the first). `stage` limits the outcome to one stage. An unintended result (`intended` False) is one
    that is feared: its direction is the way that would be bad.
    """

    indicator: str
    direction: Literal["increase", "decrease"]
    smallest_size: float
    earliest_year: int
    declared: date
    intended: bool = True
    stage: str = "all"

    def __post_init__(self) -> None:
        require(self.direction in ("increase", "decrease"), "a direction is increase or decrease", self.direction)
        require(self.smallest_size > 0, "the smallest size is above 0", self.smallest_size)
        require(self.earliest_year >= 0, "the earliest year counts from the start", self.earliest_year)
        require(self.stage == "all" or self.stage in STAGES, "a stage is in the vocabulary", self.stage)

    def content_hash(self, model: str) -> str:
        """SHA-256 over all that is declared, the model's name included: another plan has another hash."""
        said = {"model": model, **asdict(self), "declared": self.declared.isoformat()}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ModelType:
    """A kind of collaboration model, with the results it is expected to have."""

    name: str
    title: str
    description: str
    expected_results: tuple[ExpectedResult, ...] = ()
    comparison: bool = False

    def __post_init__(self) -> None:
        require(_identifier(self.name), "a model type name is lower_snake_case English", self.name)
        require(bool(self.title and self.description), "a model type has title and description", self.name)
        asked = [(each.indicator, each.stage) for each in self.expected_results]
        require(len(set(asked)) == len(asked), f"{self.name} expects a result once per indicator and stage", asked)
