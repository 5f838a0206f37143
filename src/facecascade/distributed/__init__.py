"""Extraction on a Ray cluster: the same faces, crops and lists as on one machine, by any number of them."""

from facecascade.distributed.amounts import Amounts
from facecascade.distributed.cluster import Cluster
from facecascade.distributed.dry import dry_run
from facecascade.distributed.job import DistributedJob, Summary, extract
from facecascade.distributed.places import Place

__all__ = ["Amounts", "Cluster", "DistributedJob", "Place", "Summary", "dry_run", "extract"]
