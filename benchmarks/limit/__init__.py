"""Speed against the machine's limit: `python -m benchmarks.limit`.

How it is measured:

- The limit is the rate of fused multiply-adds in float32 that a loop without memory reaches, `peak.py`. It is measured
  in the same rounds as what it is the limit of, and the greatest of these rounds counts.
- Work is counted as the networks are written down, `flops.py`: each convolution directly, every head at every place.
  Winograd's transform multiplies less than that, so P-Net can come out above 100 %. A share tells how fast the work is
  done, not how busy the processor is.
- Programs take turns, round by round, after a short rest each; a turn is the median of calls in a row, and the figure
  the median of the turns. Rounds in which other programs kept threads waiting for a core are run again.
- Stage times are the core's own, by its clock, out of whole detections (`NativeEngine.stage_seconds`).
- Each network takes its crops itself, box by box. What sampling costs is shown as a difference: boxes outside the
  picture give black crops, for which nothing is sampled.
- The prototype is a rough proof of what is possible that lies beside the repository, `../shared/prototype`; where it
  is missing, its columns are left out with a line that says so.
"""
