"""`python -m examples.questions FOLDER`."""

import argparse
from pathlib import Path

from .make import make

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m examples.questions", description="Writes documents and questions.")
    parser.add_argument("folder", type=Path, help="the folder that they are written to")
    print(make(parser.parse_args().folder))
