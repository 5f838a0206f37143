"""`facecascade extract --ray`: what a person sees of a job on a cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facecascade.cli.cluster_options import ClusterOptions
    from facecascade.cli.job_options import JobOptions
    from facecascade.cli.options import Finder


def extract_on_cluster(
    pictures: Sequence[str],
    output: str,
    *,
    where: ClusterOptions,
    finder: Finder,
    job: JobOptions,
    **how: Any,
) -> int:
    """Runs it, and returns the exit code.

    Args:
        pictures: inputs.
        output: the destination.
        where: the cluster.
        finder: makes the detector.
        job: how much is done now.
        how: further arguments of `DistributedJob`.
    """
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.distributed import DistributedJob
    from facecascade.errors import ImageError
    from facecascade.extract import Unreadable

    cluster = where.cluster()
    each = finder if finder.engine == "keras" or finder.threads is not None else replace(finder, threads=1)
    arguments = {**where.arguments(), **job.arguments(), **how, "max_megapixels": finder.max_megapixels}
    with Interrupt() as interrupt, DistributedJob(pictures, output, detector=each.detector, **arguments) as work:
        report = Report(job.expected(work.files))
        with report.progress():
            records = work.run(cluster=cluster)
            for record in records:
                if record.error is None:
                    report.add(faces=len(record.faces))
                else:
                    identity = work.identity(record)
                    report.count(Unreadable(identity, ImageError(f"{identity}: {record.error}")))
                if interrupt.asked:
                    records.close()
        there = work.finish()
    report.say(
        f"{output} holds {there.faces} faces of {there.pictures} pictures, {there.duplicates} of them near duplicates; "
        f"{there.errors} pictures could not be read"
    )
    return report.finish(interrupted=interrupt.asked)
