"""`python -m examples.questions FOLDER`."""

import sys
from pathlib import Path

from .make import make

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m examples.questions FOLDER")
    print(make(Path(sys.argv[1])))
