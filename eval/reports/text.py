"""Results as text for people."""

from __future__ import annotations

from octavo.eval.figures import Result
from octavo.eval.judges.labels import Agreement
from octavo.eval.relevancy import Relevancy


def table(result: Result) -> str:
    """Returns one run's figures as Markdown, with the ceiling that a perfect page ranking reaches."""
    where = "within the question's document" if result.within == "document" else "across all documents"
    lines = [
        f"{result.data}: {result.questions} questions, {result.documents} documents, {result.pages} pages, {where}",
        "",
        "| | " + " | ".join(result.page) + " |",
        "|---|" + "---|" * len(result.page),
        "| page | " + " | ".join(f"{v:.3f}" for v in result.page.values()) + " |",
        "| ceiling | " + " | ".join(f"{v:.3f}" for v in result.ceiling.values()) + " |",
    ]
    if result.layout:
        lines += [
            "",
            "| | " + " | ".join(result.layout) + " |",
            "|---|" + "---|" * len(result.layout),
            "| layout | " + " | ".join(f"{v:.3f}" for v in result.layout.values()) + " |",
        ]
    lines += ["", ", ".join(f"{name} {value:.3f}" for name, value in result.ranking.items())]
    for kind, means in result.macro.items():
        lines += [f"macro over {kind}: " + ", ".join(f"{name} {value:.3f}" for name, value in means.items())]
    lines += [f"\nsearch p50 {result.search_p50_ms:.1f} ms; data {result.data_hash}; octavo {result.version}"]
    return "\n".join(lines + [f"not read: {doc}: {reason}" for doc, reason in result.failed.items()])


def agreement(result: Agreement) -> str:
    """Returns the agreement of a judge with people, as Markdown."""
    grades = list(result.confusion)
    three, two = result.accuracy, result.binary_accuracy
    lines = [
        f"{result.judge}: {result.labels} labels (data {result.data_hash}), {result.failed} without a verdict",
        f"three grades: accuracy {three.mean:.3f} [{three.low:.3f}, {three.high:.3f}], kappa {result.kappa:.3f}",
        f"correct or not: accuracy {two.mean:.3f} [{two.low:.3f}, {two.high:.3f}], kappa {result.binary_kappa:.3f}",
        *(f"{kind}: accuracy {value:.3f}" for kind, value in result.kinds.items()),
        "",
        "| people \\ judge | " + " | ".join(grades) + " |",
        "|---|" + "---|" * len(grades),
        *(
            f"| {row} | " + " | ".join(str(counts[g]) for g in grades) + " |"
            for row, counts in result.confusion.items()
        ),
    ]
    if result.poor:
        lines.insert(0, "This judge agrees poorly with people: do not decide by its figures.")
    return "\n".join(lines)


def relevancy(result: Relevancy) -> str:
    """Returns the figures of the relevancy score on a data set, as Markdown."""
    lines = [f"{result.questions} questions, each within its document", "", "| negatives | pairs | accuracy | ECE |"]
    lines += ["|---|---|---|---|"]
    lines += [
        f"| {name} | {pairs.pairs} | {pairs.accuracy:.3f} | {pairs.ece:.3f} |"
        for name, pairs in (("random", result.random), ("hardest", result.hardest))
    ]
    lines += ["", "reliability (random negatives): mean score → share that is right, pairs"]
    lines += [f"{score:.2f} → {right:.2f} ({count})" for score, right, count in result.random.reliability]
    lines += [
        "",
        "| fixed k | recall | entries of a share of the best score for no less recall | fewer |",
        "|---|---|---|---|",
    ]
    for fixed, cut in zip(result.fixed, result.adaptive, strict=True):
        fewer = 1 - cut.entries / fixed.entries
        lines.append(f"| {fixed.name} | {fixed.recall:.3f} | {cut.entries:.2f} ({cut.name}) | {fewer:.0%} |")
    if result.auroc is not None and result.area is not None:
        lines += ["", f"answerable or not: AUROC {result.auroc:.3f}, area under risk and coverage {result.area:.3f}"]
    return "\n".join(lines)
