"""Turns the scripts of `examples/` into pages of the site and into notebooks."""

from __future__ import annotations

from pathlib import Path

from docs.site.pages import ROOT

NAMES = ("pipeline", "with_llama_index", "api_client", "evaluation", "own_parts", "own_concepts")


def write(folder: Path) -> None:
    """Writes each example as a page, and as a notebook beside it, into a folder."""
    import jupytext

    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        notebook = jupytext.read(ROOT / "examples" / f"{name}.py", fmt="py:percent")
        jupytext.write(notebook, folder / f"{name}.ipynb")
        parts = [
            cell.source if cell.cell_type == "markdown" else f"```python\n{cell.source}\n```" for cell in notebook.cells
        ]
        end = f"[This page as a notebook]({name}.ipynb); it is `examples/{name}.py` in the repository."
        (folder / f"{name}.md").write_text("\n\n".join([*parts, end]) + "\n", encoding="utf-8")
