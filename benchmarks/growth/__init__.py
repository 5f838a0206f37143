"""How time grows with the work: `python -m benchmarks.growth`.

Pixels, faces, windows and threads grow one at a time while the others stand still. What is drawn is drawn from the
public-domain portraits of `scripts.sample_pictures`, so that nothing but a network or the cache is needed.
Times are taken as in `benchmarks.limit`: programs in turns, medians, rounds that others disturbed run again.

A slope is how the time grows from one line of a table to the next: 1 means twice the work takes twice the time, 2 four
times, and what is below 1 gets cheaper by the piece. Slopes above `series.CLIFF` are pointed out.
"""
