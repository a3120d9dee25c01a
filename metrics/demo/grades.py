"""The invented grades: one per pupil and subject, such that a pupil is eligible exactly when her margin is above 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from metrics.demo.pupils import Pupils, parts_of
from metrics.demo.region import stream
from metrics.extracts.year9_grades import SUBJECTS

Floats = npt.NDArray[np.float64]
Grades = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CODES: tuple[str, ...] = tuple(SUBJECTS)
MARKS = ("-", "F", "E", "D", "C", "B", "A")
"""What the stored numbers 1..7 are written as; 0 = not part of the pupil's education."""
DASH, FAIL, PASS = 1, 2, 3

COLUMN = {code: i for i, code in enumerate(CODES)}
SOCIETY, SCIENCE = ("GE", "HI", "RE", "SH"), ("BI", "FY", "KE")
OTHERS = ("BL", "HKK", "IDH", "MU", "SL", "TK", *SOCIETY, *SCIENCE)
CORE = ("MA", "EN", "SV")

CUTS = np.array([0.0, 0.55, 1.15, 1.75, 2.35])
"""Where E, D, C, B and A begin, on the scale of quality."""
EASE = {"MA": -0.1, "EN": 0.5, "SV": 0.35, "TK": 0.55} | dict.fromkeys(SOCIETY, 0.6) | dict.fromkeys(SCIENCE, 0.42)
USUAL_EASE = 0.65
NOISE, GROUP_NOISE = 0.36, 0.25


def make(pupils: Pupils) -> Grades:
    """Grades as pupils x subjects (in the order of CODES)."""
    rng = stream(pupils.region.seed, "grades")
    quality = pupils.margin / 2.6 + 0.20 * (pupils.sex - 0.5)
    grades = _subjects(rng, quality)
    _make_exact(rng, grades, pupils.margin > 0)
    _barely(rng, grades, pupils.margin)
    _languages(rng, grades, pupils, quality)
    _second_language(rng, grades, pupils.foreign, pupils.newly)
    _blocks(grades, pupils)
    _absent(rng, grades, pupils.margin)
    _narrowed(rng, grades, pupils.margin)
    return grades


def year6(margin: Floats, sex: Ints, foreign: Ints, newly: Ints, *, seed: int) -> Grades:
    """The same pupils' grades three years earlier: close to what becomes of them, and without any exact line."""
    rng = stream(seed, "grades in year 6")
    quality = 0.85 * margin / 2.6 + 0.15 + 0.20 * (sex - 0.5) + rng.standard_normal(margin.size) * 0.35
    grades = _subjects(rng, quality)
    language = _graded(quality - 0.05 + rng.standard_normal(margin.size) * NOISE)
    grades[:, COLUMN["M1"]] = np.where(rng.random(margin.size) < 0.85, language, 0)
    _second_language(rng, grades, foreign, newly)
    _absent(rng, grades, margin)
    return grades


def _subjects(rng: np.random.Generator, quality: Floats) -> Grades:
    """The subjects that everyone has, alike within their group."""
    grades = np.zeros((quality.size, len(CODES)), dtype=np.int8)
    for group in (CORE, ("BL", "HKK", "IDH", "MU", "SL", "TK"), SOCIETY, SCIENCE):
        shared = rng.standard_normal(quality.size) * GROUP_NOISE
        for code in group:
            own = rng.standard_normal(quality.size) * NOISE
            grades[:, COLUMN[code]] = _graded(quality + shared + own + EASE.get(code, USUAL_EASE))
    return grades


def _graded(quality: Floats) -> Grades:
    return (FAIL + np.searchsorted(CUTS, quality, side="right")).astype(np.int8)


def _columns(codes: Sequence[str]) -> npt.NDArray[np.int64]:
    return np.array([COLUMN[code] for code in codes])


def _make_exact(rng: np.random.Generator, grades: Grades, eligible: Bools) -> None:
    """The eligible pass the core subjects and five others; the others fail at least one core subject, mostly mathematics."""
    core, others = _columns(CORE), _columns(OTHERS)
    for column in (*core, *others[:5]):
        grades[:, column] = np.where(eligible, np.maximum(grades[:, column], PASS), grades[:, column])
    passes_all = (grades[:, core] >= PASS).all(axis=1)
    failed = core[rng.choice(3, size=eligible.size, p=[0.72, 0.14, 0.14])]
    wrong = np.flatnonzero(~eligible & passes_all)
    grades[wrong, failed[wrong]] = FAIL


def _barely(rng: np.random.Generator, grades: Grades, margin: Floats) -> None:
    """Some of those just above the line pass no more than five other subjects."""
    rows = np.flatnonzero((margin > 0) & (margin < 1) & (rng.random(margin.size) < 0.05))
    grades[np.ix_(rows, _columns(OTHERS[5:]))] = FAIL


def _languages(rng: np.random.Generator, grades: Grades, pupils: Pupils, quality: Floats) -> None:
    """Modern languages for most, mother tongue for some, a second language, dance or sign language for few."""
    number = pupils.number
    chosen = rng.random(number) < 1 / (1 + np.exp(-(0.9 + 0.5 * pupils.margin)))
    parts = (
        ("M1", chosen, -0.05),
        ("ML", (pupils.foreign == 1) & (rng.random(number) < 0.4), 0.9),
        ("M2", chosen & (rng.random(number) < 0.012), 0.5),
        ("DA", rng.random(number) < 0.008, 0.8),
        ("TN", rng.random(number) < 0.001, 0.5),
    )
    for code, has, ease in parts:
        grade = _graded(quality + ease + rng.standard_normal(number) * NOISE)
        grades[:, COLUMN[code]] = np.where(has, grade, 0)


def _second_language(rng: np.random.Generator, grades: Grades, foreign: Ints, newly: Ints) -> None:
    """Swedish as a second language instead of Swedish for a third of those with foreign background and all newcomers."""
    instead = (newly == 1) | ((foreign == 1) & (rng.random(foreign.size) < 0.33))
    swedish, second = COLUMN["SV"], COLUMN["SVA"]
    grades[:, second] = np.where(instead, grades[:, swedish], 0)
    grades[:, swedish] = np.where(instead, 0, grades[:, swedish])


def _blocks(grades: Grades, pupils: Pupils) -> None:
    """One small independent school grades science as a block, another also society."""
    sites = pupils.region.sites
    small = sites[(sites["provider"] == "independent")].sort_values("weight", kind="stable").index.to_numpy()
    for block, parts, holders in (("NO", SCIENCE, small[:2]), ("SO", SOCIETY, small[1:2])):
        rows = np.flatnonzero(np.isin(pupils.site, holders))
        grades[rows, COLUMN[block]] = grades[rows, COLUMN[parts[0]]]
        grades[np.ix_(rows, _columns(parts))] = 0


def _absent(rng: np.random.Generator, grades: Grades, margin: Floats) -> None:
    """Too little seen to grade: streck instead of F for those far below, and nothing but streck for the farthest."""
    unseen = 0.55 / (1 + np.exp(margin + 2.2))
    for part in parts_of(margin.size):
        own = grades[part]
        own[(own == FAIL) & (rng.random(own.shape) < unseen[part, None])] = DASH
    away = (margin < -3.0) & (rng.random(margin.size) < 0.55)
    nothing = away[:, None] & (grades > 0)
    grades[nothing] = DASH


def _narrowed(rng: np.random.Generator, grades: Grades, margin: Floats) -> None:
    """An adapted course of study: some of those not eligible lack a few subjects altogether."""
    lacks = (margin < -1) & (rng.random(margin.size) < 0.12)
    for code in ("SL", "TK", "MU", "M1", "KE", "BL"):
        gone = lacks & (rng.random(margin.size) < 0.5)
        grades[gone, COLUMN[code]] = 0
