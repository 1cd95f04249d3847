"""`python -m docs.site [FOLDER]` builds the site in a folder (`build`); ends with 1 where a link leads nowhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from docs.site import examples, links, llms, pages, reference


def build(folder: Path) -> Path:
    """Builds the site below `folder` and returns where it is; raises `SystemExit` with what is wrong."""
    source, site = folder / "docs", folder / "site"
    for old in (source, site):
        shutil.rmtree(old, ignore_errors=True)
    pages.gather(source)
    reference.write(source / "reference")
    examples.write(source / "examples")
    shutil.copyfile(pages.CONFIGURATION, folder / "zensical.toml")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", str(folder / "zensical.toml")]
    subprocess.run(command, check=True)
    llms.write(source, site)
    if problems := [*links.check(site), *pages.not_in_navigation(source)]:
        raise SystemExit("\n".join(problems))
    return site


if __name__ == "__main__":
    print(build(Path(*sys.argv[1:2]) if sys.argv[1:] else Path("build")) / "index.html")
