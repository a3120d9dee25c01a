"""Pure numeric functions behind every interval, category, trend, funnel and chart; shares are fractions 0-1.

Numbers in, numbers out: no database, no files, no text for readers. A missing value (None, NaN, pd.NA) gives a
missing result; an impossible one (negative, numerator above denominator) raises ValueError "rule, got: value".
"""

from metrics.stats.benchmarks import (
    CATEGORIES,
    CLEAR,
    Category,
    benchmark_categories,
    benchmark_p_value,
    benjamini_hochberg,
    between_year_variance,
    category,
    compare_with_benchmark,
)
from metrics.stats.charts import CHART_MINIMUM, Chart, Funnel, control_chart, funnel_limits, pearson_dispersion
from metrics.stats.durations import cumulative_incidence, cumulative_incidence_error, kaplan_meier
from metrics.stats.pooling import pooled_share, rank_interval, shrink_shares
from metrics.stats.shares import (
    Floats,
    Interval,
    clopper_pearson_interval,
    counts,
    jeffreys_interval,
    newcombe_difference,
    numbers,
    wilson_interval,
)
from metrics.stats.trends import TREND_LEVEL, TREND_POINTS, Trend, tested_trend, trend_test

__all__ = [
    "CATEGORIES",
    "CHART_MINIMUM",
    "CLEAR",
    "TREND_LEVEL",
    "TREND_POINTS",
    "Category",
    "Chart",
    "Floats",
    "Funnel",
    "Interval",
    "Trend",
    "benchmark_categories",
    "benchmark_p_value",
    "benjamini_hochberg",
    "between_year_variance",
    "category",
    "clopper_pearson_interval",
    "compare_with_benchmark",
    "control_chart",
    "counts",
    "cumulative_incidence",
    "cumulative_incidence_error",
    "funnel_limits",
    "jeffreys_interval",
    "kaplan_meier",
    "newcombe_difference",
    "numbers",
    "pearson_dispersion",
    "pooled_share",
    "rank_interval",
    "shrink_shares",
    "tested_trend",
    "trend_test",
    "wilson_interval",
]
