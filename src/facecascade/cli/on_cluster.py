"""`facecascade extract --ray`: what a person sees of a job on a cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from facecascade.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facecascade.cli.cluster_options import ClusterOptions
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.job_options import JobOptions
    from facecascade.cli.options import Finder
    from facecascade.cli.report import Report
    from facecascade.distributed import Cluster, DistributedJob, Summary
    from facecascade.write import Together


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What is made beside the crops and the tables.

    Attributes:
        lists: of all faces, as files at the destination.
        orders: of `--write`.
        sheets: whether contact sheets are.
        report: whether a page is, where the crops are files of this machine.
    """

    lists: Sequence[str]
    orders: Sequence[str]
    sheets: bool
    report: bool

    def check(self, pictures: Sequence[str], output: str, where: ClusterOptions) -> None:
        """An error for what cannot be made there.

        Raises:
            SettingsError: something is to be.
        """
        from facecascade.distributed.places import local_path
        from facecascade.write import parsed_order

        where.check_beside(output, sheet=self.sheets, manifest=self.lists)
        for order in self.orders:
            parsed_order(order)
        urls = [one for one in pictures if local_path(one) is None]
        if self.orders and urls:
            raise SettingsError(
                f"expected pictures by path for --write, got {urls[0]}: leave it out; faces.parquet at the destination "
                "lists all faces"
            )

    def writers(self, job: DistributedJob, *, finder: Finder) -> Together:
        """Writers of the lists and orders."""
        from facecascade.cli.writing import run_of, writers
        from facecascade.extract.inputs import Inputs
        from facecascade.extract.manifest import COLUMNS
        from facecascade.write import Run, get_writer

        run = Run(crops=True, columns=COLUMNS)
        if isinstance(job.source, Inputs):
            with finder.detector() as detector:
                run = run_of(detector, job.source, crops=True, columns=COLUMNS, orientation=attrgetter("orientation"))
        return writers(
            self.orders, run=run, first=lambda run: [get_writer(job.folder() / name, run=run) for name in self.lists]
        )


def extract_on_cluster(
    pictures: Sequence[str],
    output: str,
    *,
    where: ClusterOptions,
    finder: Finder,
    job: JobOptions,
    beside: Beside,
    **how: Any,
) -> int:
    """Runs it, and returns the exit code.

    Args:
        pictures: inputs.
        output: the destination.
        where: the cluster.
        finder: makes the detector.
        job: how much is done now.
        beside: what is made beside the crops and the tables.
        how: further arguments of `DistributedJob`.

    Raises:
        SettingsError: something cannot be made there.
    """
    from facecascade.cli.interrupt import Interrupt
    from facecascade.cli.report import Report
    from facecascade.distributed import DistributedJob, dry_run

    cluster = where.cluster()
    beside.check(pictures, output, where)
    each = finder if finder.engine == "keras" or finder.threads is not None else replace(finder, threads=1)
    if job.dry_run:
        layout = where.arguments()["layout"]
        job.say_plan(dry_run(pictures, output, detector=each.detector, layout=layout, **job.chosen(), **how))
        return 0
    arguments = {**where.arguments(), **job.arguments(), **how, "max_megapixels": finder.max_megapixels}
    with Interrupt() as interrupt, DistributedJob(pictures, output, detector=each.detector, **arguments) as work:
        report = Report(job.expected(work.files))
        with beside.writers(work, finder=each) as together:
            _work(work, cluster, report, interrupt)
            page = beside.report and where.has_files(output)
            there = work.finish(together.writers, sheets=beside.sheets, report=page, files=beside.lists)
    report.say(_told(there, output))
    return report.finish(interrupted=interrupt.asked)


def _work(work: DistributedJob, cluster: Cluster, report: Report, interrupt: Interrupt) -> None:
    from facecascade.errors import ImageError
    from facecascade.extract import Unreadable

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


def _told(there: Summary, output: str) -> str:
    return (
        f"{output} holds {there.faces} faces of {there.pictures} pictures, {there.duplicates} of them near duplicates; "
        f"{there.errors} pictures could not be read"
    )
