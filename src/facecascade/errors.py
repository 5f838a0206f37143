"""Every error this package raises on purpose.

    FacecascadeError
    ├── ImageError      a picture cannot be read, or is no picture
    ├── WeightsError    a weights file is missing, broken or of the wrong shape
    ├── SettingsError   a setting has a value that cannot work
    ├── EngineError     an engine is unknown, unavailable here, or already closed
    ├── AnnotationError marked faces or detections to measure by are missing, broken, or do not fit together
    ├── JournalError    the journal of a job cannot be used: busy, broken, or on a full disk
    ├── ExportError     what was exported cannot be made here, or computes something else than this package
    └── MissingExtra    an optional dependency is not installed

A message says what was expected, what came, and what to do about it.
"""


class FacecascadeError(Exception):
    """Base of every error that facecascade raises on purpose."""


class ImageError(FacecascadeError):
    """A picture cannot be read, or is no picture; the message names the input."""


class WeightsError(FacecascadeError):
    """Weights are missing, broken, or of the wrong shape; the message names the layer."""


class SettingsError(FacecascadeError, ValueError):
    """A setting has a value that cannot work."""


class EngineError(FacecascadeError, RuntimeError):
    """An engine is unknown, not available on this machine, or already closed."""


class AnnotationError(FacecascadeError, ValueError):
    """Marked faces or detections to measure by are missing, broken, or do not fit together; the message names them."""


class JournalError(FacecascadeError, RuntimeError):
    """The journal of a job cannot be used: another process has it, it is broken, or its disk is full or fails."""


class ExportError(FacecascadeError, RuntimeError):
    """An export cannot be made here, or what was written computes something else than this package."""


class MissingExtra(FacecascadeError, ImportError):  # noqa: N818 - what is missing is the point of the name
    """An optional dependency is not installed; the message holds the command that installs it."""

    def __init__(self, *, feature: str, extra: str) -> None:
        super().__init__(f'{feature} needs packages that are not installed: pip install "facecascade[{extra}]"')
        self.feature = feature
        self.extra = extra

    def __reduce__(self) -> tuple[object, ...]:
        return _missing_extra, (self.feature, self.extra)


def _missing_extra(feature: str, extra: str) -> MissingExtra:
    return MissingExtra(feature=feature, extra=extra)
