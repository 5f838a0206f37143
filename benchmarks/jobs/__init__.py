"""The extraction job as a whole: does it keep up with the detector, survive being killed, and find its way back?

    python -m benchmarks.jobs                     # all of it; or by name: throughput memory resume crash
    python -m benchmarks.jobs crash --kills 200

- throughput: JPEGs of 2 megapixels to aligned crops and Parquet, beside decoding and detecting alone, and beside
  facenet-pytorch's `mtcnn(image, save_path)` in a loop;
- memory: the most that the job holds, with one picture of 100 megapixels among the others;
- resume: a folder of 100,000 pictures that are done, beside walking it and looking at each file;
- crash: the job is killed at random moments until it is through, and compared with an undisturbed one.

The pictures are made of the photographs in `../shared/data/photos`, or of another folder.
"""
