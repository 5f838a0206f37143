"""What a service tells of itself, for Prometheus: `Metrics`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
BATCHES: Final = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counters of one application; no name and no picture of a client is among their labels."""

    media_type: Final = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "facecascade_requests",
            "Answers by route, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "facecascade_request_seconds",
            "From the head of a request to the end of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._problems = Counter(
            "facecascade_problems", "Answers that tell of a problem.", ["kind"], registry=self._registry
        )
        self._pictures = Counter("facecascade_pictures", "Pictures that were looked at.", registry=self._registry)
        self._faces = Counter("facecascade_faces", "Faces that were found and chosen.", registry=self._registry)
        self._batches = Histogram(
            "facecascade_batch_pictures",
            "Pictures of one call of the detector.",
            buckets=BATCHES,
            registry=self._registry,
        )
        self._batch_seconds = Histogram(
            "facecascade_batch_seconds", "Of one call of the detector.", buckets=SECONDS, registry=self._registry
        )
        self._waiting = Gauge(
            "facecascade_waiting_pictures", "Pictures that wait for the detector.", registry=self._registry
        )
        self._in_work = Gauge(
            "facecascade_requests_in_work", "Requests without an answer yet.", registry=self._registry
        )
        self._bytes_held = Gauge("facecascade_bytes_held", "Of bodies without an answer yet.", registry=self._registry)

    def watch(
        self,
        *,
        waiting: Callable[[], float] | None = None,
        in_work: Callable[[], float] | None = None,
        bytes_held: Callable[[], float] | None = None,
    ) -> None:
        """Where gauges are read from."""
        for gauge, read in ((self._waiting, waiting), (self._in_work, in_work), (self._bytes_held, bytes_held)):
            if read is not None:
                gauge.set_function(read)

    def request(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def problem(self, kind: str) -> None:
        """Count an answer that tells of a problem."""
        self._problems.labels(kind).inc()

    def picture(self, *, faces: int) -> None:
        """Count a picture and its faces."""
        self._pictures.inc()
        self._faces.inc(faces)

    def batch(self, pictures: int, seconds: float) -> None:
        """Count a call of the detector."""
        self._batches.observe(pictures)
        self._batch_seconds.observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)
