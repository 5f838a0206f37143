"""What a score means and how to choose a threshold: the figures of `docs/calibration.md`.

    python -m benchmarks.calibration            show them
    python -m benchmarks.calibration --write    put them, and the plots, into the page

The detector runs once over each set of pictures with the last threshold all but off, and every higher one is read from
that run (`facecascade.evaluate.operating`). Times are taken side by side: each picture goes through all settings before
the next one, and the best of some rounds counts.
"""
