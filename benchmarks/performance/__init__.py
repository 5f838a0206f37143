"""The page on speed, docs/performance.md: `python -m benchmarks.performance`.

Runs the programs that measure speed, one after the other, each in a process of its own, and keeps what each prints
under benchmarks/results/performance/. With `--write`, what was kept goes into the page, between the comments that say
what was measured there; the prose stays. Names of parts measure those alone, so that one which was disturbed can be run
again.
"""
