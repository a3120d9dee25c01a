"""From a panel of outcomes and a register of starts to an estimate, its uncertainty and a verdict; numbers only."""

from metrics.evaluate.aggregation import aggregate, event_study
from metrics.evaluate.estimate import att_gt
from metrics.evaluate.evaluation import Evaluation, Question, evaluate
from metrics.evaluate.inference import (
    minimum_detectable_effect,
    pretrend_test,
    randomization_inference,
    wild_cluster_bootstrap,
)
from metrics.evaluate.robustness import sun_abraham, two_stage
from metrics.evaluate.smoothness import smoothness_breakdown, smoothness_interval
from metrics.evaluate.verdict import Evidence, Verdict, judge, judge_all

__all__ = [
    "Evaluation",
    "Evidence",
    "Question",
    "Verdict",
    "aggregate",
    "att_gt",
    "evaluate",
    "event_study",
    "judge",
    "judge_all",
    "minimum_detectable_effect",
    "pretrend_test",
    "randomization_inference",
    "smoothness_breakdown",
    "smoothness_interval",
    "sun_abraham",
    "two_stage",
    "wild_cluster_bootstrap",
]
