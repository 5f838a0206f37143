"""What a person looks at beside the crops of a folder, from its journal: `write_pages`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facecascade.extract.journal import SUFFIX, Journal
from facecascade.extract.links import Links
from facecascade.extract.manifest import outcomes
from facecascade.extract.report import write_report
from facecascade.extract.sheets import write_sheets


def write_pages(
    folder: Path, journal: Journal, links: Links, *, sheets: bool, report: bool, files: Sequence[str] = ()
) -> None:
    """Contact sheets, and a page that tells of all that a journal holds.

    Args:
        folder: where the crops are and the pages go.
        journal: what is done.
        links: of its faces.
        sheets: whether to make contact sheets.
        report: whether to make the page.
        files: what the page links to, below the folder.

    Raises:
        OSError: the folder cannot be written to.
    """
    suffix = journal.about(SUFFIX) or ""
    drawn = write_sheets(folder, outcomes(journal, links), format=suffix) if sheets else ()
    if not report:
        return
    run = journal.run()
    assert run is not None, "a job begins one"
    counts = {"tracks": links.track_count} if links.track_count else {}
    write_report(
        folder,
        outcomes(journal, links),
        settings=run.settings,
        software=run.software,
        weights_sha256=run.weights,
        sheets=drawn,
        counts={**counts, "near duplicates": links.duplicate_count},
        files=files,
    )
