"""The gate between counts and everything anyone may read: hides what would disclose a pupil, then attacks the result.

`protect_tables` and `audit` know nothing of schools: they work on any table of sums, in these arrays.

matrix          published cells x inner cells, 0/1, dense or scipy.sparse: which inner cells each published cell adds up
inner_counts    float[inner cells], at least 0
primary         bool[cells]: what must not be known
protection      a number or float[cells]: how wide the interval of a primary cell must be
hidden          bool[cells]: what is not told; the primary cells are among them
targets         integer numbers of the cells to ask about
known           [(0/1 rows x inner cells, low, high), ...]: what an outsider has anyway

Two schools by sex with their totals; two girls in the first school are too few:

>>> from metrics.protect import audit, protect_tables
>>> matrix = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
>>> counts = [2, 40, 31, 35]
>>> primary = [True, False, False, False, False, False, False, False]
>>> audit(matrix, counts, primary, targets=[0]).tolist()  # hidden alone: her school's total less the boys
[[2.0, 2.0]]
>>> totals = [False, False, False, False, True, True, True, True]
>>> hidden = protect_tables(matrix, counts, primary, protection=5, always_shown=totals)
>>> hidden.tolist()
[True, True, True, True, False, False, False, False]
>>> audit(matrix, counts, hidden, targets=[0]).tolist()
[[0.0, 33.0]]
"""

from metrics.protect.auditing import audit
from metrics.protect.errors import DisclosureError, ProtectionError
from metrics.protect.suppress import protect_tables

__all__ = ["DisclosureError", "ProtectionError", "audit", "protect_tables"]
