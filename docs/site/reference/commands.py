"""The reference of the command line, by Typer's own description of it."""

from __future__ import annotations

import re
from html import unescape

import typer
from typer.cli import get_docs_for_click
from typer.main import get_command

from octavo.apps.cli.main import app

HEAD = """# Command line

Exit codes: 0 answered or done, 1 failure, 2 bad use, 3 abstained. `--json` prints JSON for programs: `page` counts from
0, `page_number` from 1, boxes are PDF points from the page's top left corner.
"""


def page() -> str:
    """Returns the page: each command with its arguments, options, defaults and variables."""
    command = get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command, info_name="octavo"), name="octavo")
    text = unescape(text).replace("`octavo`\n", "", 1).removeprefix("# ")
    text = re.sub(r"^\* `--help`: .*\n", "", text, flags=re.M)
    return HEAD + text.replace("**Usage**:\n", "").replace("\n\n\n", "\n\n")
