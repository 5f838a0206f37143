"""Answers as the service gives them, for its description: the portrait of an astronaut that the tests use."""

from __future__ import annotations

from typing import Any, Final

from facecascade.extract import TEMPLATES
from facecascade.serve.formats import FORMATS
from facecascade.serve.settings import ServeSettings
from facecascade.settings import PRESETS, Settings
from facecascade.version import VERSION

SOFTWARE: Final = f"facecascade {VERSION}"
WEIGHTS: Final = "261200b8f3779981e093e06c9a157b51611c02ae2f670883c96ebdfa4bb89c4f"

DETECTION: Final[dict[str, Any]] = {
    "pictures": [
        {
            "name": "astronaut.png",
            "width": 512,
            "height": 512,
            "faces": [
                {
                    "box": [178.56202697753906, 60.66704177856445, 267.67279052734375, 172.40478515625],
                    "score": 0.9999959468841553,
                    "landmarks": [
                        [203.45306396484375, 100.548828125],
                        [246.39718627929688, 102.85440826416016],
                        [224.51898193359375, 127.80743408203125],
                        [201.32301330566406, 139.30975341796875],
                        [244.64759826660156, 140.9346160888672],
                    ],
                    "matrix": [
                        [0.8720583496086186, 0.04721476488314475, -145.1481242181158],
                        [-0.04721476488314475, 0.8720583496086186, -24.164798142247008],
                    ],
                }
            ],
            "error": None,
        }
    ],
    "settings": Settings().to_dict(),
    "software": SOFTWARE,
    "weights": WEIGHTS,
}
"""Of `/v1/detect?template=arcface-112`."""


def _limit(name: str) -> Any:
    return ServeSettings.model_fields[name].default


INFORMATION: Final[dict[str, Any]] = {
    "software": SOFTWARE,
    "engine": "native, avx2 (8 lanes), 2 threads",
    "weights": WEIGHTS,
    "settings": Settings().to_dict(),
    "templates": list(TEMPLATES),
    "presets": list(PRESETS),
    "formats": list(FORMATS),
    "limits": {name: _limit(name) for name in ("max_bytes", "max_pixels", "max_pictures", "max_seconds")},
}
"""Of `/v1/info`."""
