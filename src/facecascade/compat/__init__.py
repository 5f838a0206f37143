"""Drop-ins: the calls of packages that people use now, on this detector; and converters from and to other libraries.

    from facecascade.compat.mtcnn import MTCNN                # was: from mtcnn import MTCNN
    from facecascade.compat.facenet_pytorch import MTCNN      # was: from facenet_pytorch import MTCNN
    from facecascade.compat import deepface as DeepFace       # was: from deepface import DeepFace
    from facecascade.compat import convert

Names, order of arguments, types and empty results are those of each package, so a script changes one line. What
differs, and why, stands in docs/drop-in.md. None of those packages is needed, nor imported.
"""
