"""Probes: what a system does when its questions, its evidence or its documents are changed on purpose.

`run_probe` runs one of `PROBES` with the configuration of a run.
"""

from octavo.eval.probes.base import Figure, Probe, ProbeReport, ProbeTarget, Trial
from octavo.eval.probes.execute import PROBES, run_probe, table

__all__ = ["PROBES", "Figure", "Probe", "ProbeReport", "ProbeTarget", "Trial", "run_probe", "table"]
