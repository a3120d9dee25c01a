"""From a panel of outcomes and a register of starts to an estimate, its uncertainty and a verdict; numbers only."""

from metrics.evaluate.aggregation import aggregate, event_study
from metrics.evaluate.estimate import att_gt
from metrics.evaluate.inference import (
    minimum_detectable_effect,
    pretrend_test,
    randomization_inference,
    wild_cluster_bootstrap,
)

__all__ = [
    "aggregate",
    "att_gt",
    "event_study",
    "minimum_detectable_effect",
    "pretrend_test",
    "randomization_inference",
    "wild_cluster_bootstrap",
]
