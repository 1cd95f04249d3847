# %% [markdown]
# # An evaluation with a report
#
# A data set is a folder of documents with a `queries.jsonl`, a question a line. This makes one of the sample report,
# compares two settings on it, and writes a report in HTML. Judging by rules needs no model.

# %%
import json
import tempfile
from pathlib import Path

from octavo.apps.samples import copy_sample
from octavo.eval.reports import report
from octavo.eval.runs import load, run

folder = Path(tempfile.mkdtemp())
copy_sample("report.pdf", folder / "reports")
QUESTIONS = [
    ("What was capital expenditure in 2018?", "15.8", 2),
    ("At what temperature is the spectrograph kept?", "12.5 °C", 4),
    ("How many people worked here at the end of 2016?", "49", 2),
    ("Which project is the largest?", "the fibre link to the mainland", 5),
]
rows = [
    {"id": str(number), "question": question, "answer": answer, "doc": "report.pdf", "gold_pages": [page]}
    for number, (question, answer, page) in enumerate(QUESTIONS)
]
unknown = {"id": "none", "question": "Who painted the ceiling?", "answer": "Not answerable", "doc": "report.pdf"}
(folder / "reports" / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
(folder / "reports" / "unanswerable.jsonl").write_text(json.dumps(unknown | {"answerable": False}) + "\n")

# %% [markdown]
# A run's configuration names data and systems; each system is settings of the pipeline. What was answered is kept: a
# run that is stopped goes on.

# %%
(folder / "run.yaml").write_text("""
data: [reports]
systems:
  - {name: default}
  - {name: careless, settings: {threshold: 0}}
""")
out = run(load(folder / "run.yaml"))
for line in (out / "answers.jsonl").read_text().splitlines():
    row = json.loads(line)
    print(row["system"], "|", row["question"], "|", row["rules"]["grade"], "|", row["answer"].splitlines()[0][:60])

# %% [markdown]
# The report is one HTML file with tables, plots, pages and boxes, and paired tests of differences between systems.
# On the command line: `octavo eval run run.yaml` and `octavo eval report runs/run`.

# %%
for path in report([out], folder / "report"):
    print(path.name)
