"""Metrics by their papers' definitions, with their uncertainty."""

from octavo.eval.metrics.agreement import accuracy, cohen_kappa, confusion, kendall_tau, krippendorff_alpha
from octavo.eval.metrics.groups import by_group, macro, mmdocir_macro
from octavo.eval.metrics.languages import mean_rank_variance
from octavo.eval.metrics.ranking import (
    layout_recall,
    ndcg,
    page_recall,
    page_recall_ceiling,
    precision,
    reciprocal_rank,
)
from octavo.eval.metrics.selective import RiskCoverage, answerable_f1, auroc, risk_coverage
from octavo.eval.metrics.tables import adjacency_f1, teds, teds_structure
from octavo.eval.metrics.uncertainty import Comparison, ConfidenceInterval, compare, holm, interval

__all__ = [
    "Comparison",
    "ConfidenceInterval",
    "RiskCoverage",
    "accuracy",
    "adjacency_f1",
    "answerable_f1",
    "auroc",
    "by_group",
    "cohen_kappa",
    "compare",
    "confusion",
    "holm",
    "interval",
    "kendall_tau",
    "krippendorff_alpha",
    "layout_recall",
    "macro",
    "mean_rank_variance",
    "mmdocir_macro",
    "ndcg",
    "page_recall",
    "page_recall_ceiling",
    "precision",
    "reciprocal_rank",
    "risk_coverage",
    "teds",
    "teds_structure",
]
