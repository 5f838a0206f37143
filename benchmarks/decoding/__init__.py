"""From a folder of camera pictures to boxes: `python -m benchmarks.decoding`.

Fifty JPEGs of 12 megapixels are made from the photographs of the data folder, enlarged, with the grain of a sensor.
They lie in a temporary folder and so in the system's cache: what is measured is decoding, not the disk.

- `decoders`: one picture, one thread, by several decoders, and whether the pixels are the same.
- `overlap`: the folder decoded, detected, and both by `MTCNN.detect_stream`, which decodes in threads ahead of the
  detector. The work of both together cannot take less than all of it spread over the cores, which the table names too:
  where detection alone keeps all cores busy, decoding comes on top of it, and only a faster decoder helps.
- `scaled`: what changes when a JPEG is decoded at half its size or less, which its transform makes cheap. The least
  face decides how much may be left out: P-Net's first level is `12 / min_face_size` of the picture, and a scale above
  that loses nothing that P-Net would see. But R-Net and O-Net look at faces at 24 and 48 pixels, and a smaller picture
  has fewer of them to show, so the package does not do it by itself.
"""
