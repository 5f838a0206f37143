"""The compiled core; where it is missing, an ImportError that says how to get it."""

try:
    from facecascade.engines import _native as native
except ImportError as error:
    raise ImportError(
        f"expected the compiled core of facecascade, which this installation lacks ({error}); install a wheel, "
        "or build it with `pip install .` in a checkout"
    ) from error

__all__ = ["native"]
