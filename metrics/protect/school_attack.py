"""What someone with both the open part and the school part can narrow, and which more schools are hidden for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.auditing import intervals
from metrics.protect.errors import DisclosureError
from metrics.protect.gate import SPARE, TOLERANCE, absent_groups, at_least_one
from metrics.protect.known import Bound, KnownSum, bounded_rows
from metrics.protect.problem import Flags, Floats
from metrics.protect.school_problem import SchoolProblem
from metrics.protect.solver import SEVERAL, Alternatives
from metrics.protect.tables import SLACK, Known, Tables, merge_columns, tables

Indices = NDArray[np.int64]
ROUNDS = 3
"""How often other tables are looked for before every school of the members concerned is hidden."""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """The whole problem, and the counts that are asked about with how wide the interval of each must be.

    `joint`: the open part's rows, the schools', and the changes since earlier tables. `anyway`: what is known beside
    the shown rows to somebody who has the new open part only, and to somebody who has nothing new.
    """

    problem: SchoolProblem
    joint: Tables
    open_shown: Flags
    targets: Indices
    needed: Floats
    anyway: Sequence[tuple[Known, Flags]]

    @classmethod
    def on(
        cls, problem: SchoolProblem, shown: Flags, stuck: Indices, stated: Sequence[KnownSum], own: Sequence[Bound]
    ) -> "Attack":
        """Every protected count of the open part, the schools' that no class keeps open, and changes by few pupils.

        stated: what is known of members and the region; own: of single schools.
        """
        rows, past = problem.open.rows, problem.past
        official: Known = [*bounded_rows(problem.open.joint, stated)[0], *own, *_all_told(problem)]
        told: Known = [*absent_groups(problem.open), *at_least_one(problem.open, np.inf)]
        primary, count = np.flatnonzero(rows.primary), len(rows.primary) + len(problem.rows.primary)
        nothing = np.zeros(count + len(past.limits), bool)
        opened = nothing.copy()
        opened[: len(shown)] = shown
        anyway = [([*official, *told], opened)]
        anyway += [([*official, *past.opened, *past.schools], nothing)] if past.opened else []
        return cls(
            problem=problem,
            joint=_tables(problem, [*official, *told, *past.opened, *past.schools]),
            open_shown=shown,
            targets=np.concatenate([primary, len(rows.primary) + stuck, count + np.arange(len(past.limits))]),
            needed=np.concatenate([rows.protection[primary], problem.rows.protection[stuck], past.limits]),
            anyway=anyway,
        )

    def hide(self, hidden: Flags) -> Flags:
        """Hidden records, with those more that must be for no target to be narrowed.

        Of a count that the new open part alone, or what was told before alone, leaves less than its protection, that
        much is kept open. Changes since earlier tables are not excused by either.
        """
        left = self._narrow(hidden, np.arange(len(self.targets)))
        counts = left[left < len(self.targets) - len(self.problem.past.limits)]
        for known, shown in self.anyway if len(counts) else ():
            problem = _tables(self.problem, known)
            self.needed[counts] = np.minimum(self.needed[counts], self._widths(problem, shown, counts))
        left = self._narrow(hidden, left)
        for number in range(ROUNDS):
            if len(left):
                hidden = hidden | self._moved(left, hidden, float(number + 1))
                left = self._narrow(hidden, left)
        for widen in (self._members, self._everything):
            if len(left):
                hidden = hidden | widen(left)
                left = self._narrow(hidden, left)
        if len(left):
            raise DisclosureError(f"no count is narrowed by hidden schools, got: {len(left)} that are")
        return hidden

    def _narrow(self, hidden: Flags, asked: Indices) -> Indices:
        if not len(asked):
            return asked
        shown = np.concatenate([self._shown(hidden), np.zeros(len(self.problem.past.limits), bool)])
        return asked[self._widths(self.joint, shown, asked) < self.needed[asked] - TOLERANCE]

    def _widths(self, problem: Tables, shown: Flags, asked: Indices) -> Floats:
        """How wide the interval of each of these targets is, as far as it is needed."""
        found = intervals(problem, ~shown, self.targets[asked], self.needed[asked])
        return np.asarray(found[:, 1] - found[:, 0])

    def _shown(self, hidden: Flags) -> Flags:
        """The rows of both parts that are shown."""
        rows = self.problem.rows
        return np.concatenate([self.open_shown, rows.visible & ~hidden[rows.record]])

    def _moved(self, left: Indices, hidden: Flags, further: float = 1.0) -> Flags:
        """Records that move in the lightest tables where the targets differ by what they need, so many times.

        Looked for among pupils as schools have them, sex and background aside: quick, and what it finds is tried
        against the whole problem afterwards. A target that is cut by one of those is asked for as it is uncut.
        """
        shown, rows = self._shown(hidden), self.problem.rows
        first = len(self.open_shown)
        more = np.zeros(len(hidden), bool)
        left = left[self.targets[left] < len(shown)]
        if not len(left):
            return more
        asked = self.targets[left]
        kept = np.concatenate([np.flatnonzero(shown), asked])
        problem = self._uncut(kept, asked)
        schools = kept[: len(kept) - len(asked)] - first
        own = np.flatnonzero(schools >= 0)
        price, fixed = np.zeros(len(kept)), np.zeros(len(kept), bool)
        price[own] = rows.weight[schools[own]]
        fixed[: len(schools)] = schools < 0
        search = Alternatives(problem)
        reach = np.zeros((len(kept), 2))
        for place, cell in enumerate(range(len(schools), len(kept))):
            for amount in self._amounts(problem.cells[cell], further * float(self.needed[left[place]]), reach[cell]):
                search.set_all(price, fixed)
                found = search.find(cell, amount, whole=len(problem.counts) <= SEVERAL)
                found = found or search.find(cell, amount, whole=False)
                if found is None:
                    continue
                moves = found.cells
                reach = np.maximum(reach, np.column_stack([-moves.min(axis=0), moves.max(axis=0)]))
                moving = own[(np.abs(moves[0][own]) > SLACK)]
                price[moving] = 0.0
                more[rows.record[schools[moving]]] = True
        return more

    def _uncut(self, kept: Indices, asked: Indices) -> Tables:
        """The chosen sums over cells that are not cut by sex or background; the last of them are those asked for."""
        cells = np.flatnonzero((self.problem.columns["class"] >= 0).to_numpy())
        joint = self.joint
        shown = joint.matrix[kept[: len(kept) - len(asked)]]
        sums = sp.csr_array(sp.vstack([shown, self._whole(joint.matrix[asked], cells)]))
        inside = np.asarray(joint.known[:, cells].sum(axis=1) == joint.known.sum(axis=1))
        uncut = replace(
            joint,
            matrix=sp.csr_array(sums[:, cells]),
            counts=joint.counts[cells],
            known=joint.known[inside][:, cells],
            low=joint.low[inside],
            high=joint.high[inside],
            links=sp.csr_array((0, len(cells)), dtype=float),
        )
        return merge_columns(uncut)[0]

    def _whole(self, rows: sp.csr_array, cells: Indices) -> sp.csr_array:
        """The rows, those over cut cells as the uncut cells that the links tie them to."""
        links = self.joint.links
        tied = ((abs(links) @ rows.T) > 0).astype(float)
        uncut = (sp.csr_array(tied.T) @ (links < 0).astype(float) > 0).astype(float)
        has = np.asarray(rows[:, cells].sum(axis=1)).ravel() > 0
        parts = [(rows if own else uncut)[[number]] for number, own in enumerate(has)]
        return sp.csr_array(sp.vstack(parts))

    @staticmethod
    def _amounts(truth: float, needed: float, reach: Floats) -> list[float]:
        """How far below and above the truth tables are still to be found."""
        if reach.sum() >= needed:
            return []
        down = min(np.floor(truth + SLACK), np.ceil(needed / 2))
        wanted = (-max(down - reach[0], 0.0), needed - down)
        return [each for each in wanted if abs(each) > SLACK]

    def _cells(self, left: Indices) -> Indices:
        return np.unique(self.joint.matrix[self.targets[left]].indices)

    def _members(self, left: Indices) -> Flags:
        members = set(self.problem.columns["member"].to_numpy()[self._cells(left)])
        return np.asarray(self.problem.records["member"].isin(members))

    def _everything(self, _left: Indices) -> Flags:
        return np.ones(len(self.problem.records), bool)


def _tables(problem: SchoolProblem, known: Known) -> Tables:
    """Every row of both parts, with the changes since earlier tables last; what is known beside them."""
    both = sp.csr_array(sp.vstack([problem.open.rows.matrix, problem.rows.matrix]))
    joint = tables(both, problem.open.joint.contributors, known, problem.open.links)
    if not len(problem.past.limits):
        return joint
    return replace(joint, matrix=sp.csr_array(sp.vstack([both, problem.past.changes])))


def _all_told(problem: SchoolProblem) -> Known:
    """How many pupils there can be at the most: asked only where a change can grow without end."""
    limits, counts = problem.past.limits, problem.open.joint.contributors
    if not len(limits):
        return []
    return [(sp.csr_array(np.ones((1, len(counts)))), 0.0, counts.sum() + SPARE * float(limits.max()))]
