"""`python -m octavo.eval.tried …`."""

from __future__ import annotations

import sys

from octavo.eval.tried.commands import report_of_arguments
from octavo.ingest import OctavoError

if __name__ == "__main__":
    try:
        print(report_of_arguments(sys.argv[1:]))
    except (OctavoError, ValueError) as error:
        sys.exit(f"{error}")
