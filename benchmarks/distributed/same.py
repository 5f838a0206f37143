"""Is every file and every row that of the one-machine job?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.distributed.pair import differences, local_cluster, on_cluster, on_one_machine
from benchmarks.report import table


def report(sets: Mapping[str, Path], work: Path) -> str:
    """Both jobs over each set of pictures."""
    rows = []
    for name, pictures in sets.items():
        on_one_machine(pictures, work / name / "one")
        summary = on_cluster(pictures, work / name / "many", cluster=local_cluster(cpus=2))
        differ = differences(work / name / "one", work / name / "many")
        rows.append([name, summary.pictures, summary.faces, *differ])
        print(rows[-1], file=sys.stderr, flush=True)
    return table(["pictures", "read", "faces", "crops that differ", "rows", "errors"], rows)
