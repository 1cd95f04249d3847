"""Forms and comments: values stand beside their labels, checks are told, notes are found at their place."""

from __future__ import annotations

from pathlib import Path

import pymupdf

from tests.ingest.pages import drawn, read_page


def form(page: pymupdf.Page) -> None:
    page.insert_text((72, 80), "Application for a berth", fontsize=16)
    fields = [
        ("Applicant:", pymupdf.PDF_WIDGET_TYPE_TEXT, "Tern Marine Ltd"),
        ("Length in meters:", pymupdf.PDF_WIDGET_TYPE_TEXT, "14.2"),
        ("Urgent:", pymupdf.PDF_WIDGET_TYPE_CHECKBOX, True),
        ("With crew:", pymupdf.PDF_WIDGET_TYPE_CHECKBOX, False),
    ]
    for n, (label, kind, value) in enumerate(fields):
        page.insert_text((72, 130 + 40 * n), label, fontsize=11)
        field = pymupdf.Widget()
        field.field_name, field.field_type, field.field_value = label, kind, value
        right = 400 if kind == pymupdf.PDF_WIDGET_TYPE_TEXT else 198
        field.rect = pymupdf.Rect(180, 116 + 40 * n, right, 134 + 40 * n)
        page.add_widget(field)


def test_the_values_of_a_form_stand_beside_their_labels(tmp_path: Path) -> None:
    page, _ = read_page(drawn(tmp_path / "form.pdf", form))
    said = " ".join(page.text.replace("|", " ").split())
    for line in ("Applicant: Tern Marine Ltd", "Length in meters: 14.2", "Urgent: ☒", "With crew: ☐"):
        assert line in said
    assert said.count("Tern Marine Ltd") == 1


def test_a_comment_is_found_at_its_place(tmp_path: Path) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "The rent is 9,600 euros a year.", fontsize=12)
        note = page.add_text_annot((300, 85), "This exceeds the limit of 8,000 euros.")
        note.set_info(title="Reviewer")
        note.update()

    page, _ = read_page(drawn(tmp_path / "note.pdf", draw))
    [comment] = [e for e in page.elements if "limit" in e.text]
    assert comment.text == "Comment by Reviewer: This exceeds the limit of 8,000 euros."
    assert comment.box.x0 == 300
    assert comment.text in page.text
