"""Results as text for people."""

from __future__ import annotations

from .retrieval import Result


def table(result: Result) -> str:
    """One run's figures as Markdown, with the ceiling that a perfect page ranking reaches."""
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
    lines += [f"\nsearch p50 {result.search_p50_ms:.1f} ms; data {result.data_hash}; octavo {result.version}"]
    return "\n".join(lines + [f"not read: {doc}: {reason}" for doc, reason in result.failed.items()])
