from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from facecascade.errors import ImageError, SettingsError
from facecascade.extract import (
    Cropping,
    Extracted,
    ExtractOptions,
    Names,
    Selection,
    Unreadable,
    aligned_crops,
    box_crops,
    crop_faces,
    extract_faces,
    measure_faces,
)
from facecascade.faces import Faces
from facecascade.metadata import Metadata

Pixels = NDArray[np.uint8]
SMALL: dict[str, Any] = {"cropping": Cropping(size=16)}


def found(boxes: ArrayLike, scores: ArrayLike, landmarks: ArrayLike | None = None) -> Faces:
    points = None if landmarks is None else np.asarray(landmarks, np.float32)
    return Faces(np.asarray(boxes, np.float32), np.asarray(scores, np.float32), points)


@dataclass(frozen=True)
class Read:
    source: Path
    pixels: Pixels | None
    error: ImageError | None = None


def picture(name: str, faces: int, seed: int = 0) -> Read:
    """Noise, with the number of its faces in the first value."""
    pixels = np.random.default_rng(seed).integers(0, 256, (80, 100, 3), dtype=np.uint8)
    pixels[0, 0, 0] = faces
    return Read(Path(name), pixels)


class FacesInARow:
    """As many faces as the picture's first value says; scores fall from .9 by .1."""

    def detect_batch(self, pictures: Sequence[Pixels], /) -> Sequence[Faces]:
        return [self._faces(int(one[0, 0, 0])) for one in pictures]

    @staticmethod
    def _faces(count: int) -> Faces:
        left = np.arange(count) % 60
        boxes = np.stack([left, left + 1, left + 20, left + 31], axis=1)
        points = boxes[:, None, :2] + np.array([[6, 10], [14, 11], [10, 16], [7, 22], [13, 23]])
        return found(boxes, np.maximum(0.9 - 0.1 * np.arange(count), 0), points) if count else Faces.empty()


def run(reads: Sequence[Read], folder: Path, **options: Any) -> list[Extracted | Unreadable]:
    chosen = ExtractOptions(**options)
    return list(extract_faces(reads, detector=FacesInARow(), folder=folder, options=chosen))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_one_file_a_face(tmp_path: Path) -> None:
    reads = [picture("a.jpg", 2), picture("b.png", 0), picture("c.jpg", 1)]
    outcomes = run(reads, tmp_path / "new" / "faces")
    assert files(tmp_path / "new" / "faces") == ["a_00.jpg", "a_01.jpg", "c_00.jpg"]
    assert [outcome.crops for outcome in outcomes if isinstance(outcome, Extracted)] == [
        (Path("a_00.jpg"), Path("a_01.jpg")),
        (),
        (Path("c_00.jpg"),),
    ]
    first = outcomes[0]
    assert isinstance(first, Extracted)
    assert (first.source, first.width, first.height, len(first.faces)) == (Path("a.jpg"), 100, 80, 2)


def test_png_files_hold_exactly_the_crops(tmp_path: Path) -> None:
    read = picture("a.jpg", 3)
    (outcome,) = run([read], tmp_path, format="png", cropping=Cropping(size=24, margin=0.1))
    assert isinstance(outcome, Extracted)
    assert read.pixels is not None
    crops = crop_faces(read.pixels, outcome.faces, size=24, margin=0.1)
    for crop, file in zip(crops, outcome.crops, strict=True):
        with Image.open(tmp_path / file) as saved:
            assert np.array_equal(np.asarray(saved), crop)


def test_unreadable_pictures_are_told_and_stop_nothing(tmp_path: Path) -> None:
    bad = Read(Path("bad.jpg"), None, ImageError("bad.jpg: broken"))
    outcomes = run([picture("a.jpg", 1), bad, picture("b.jpg", 1)], tmp_path)
    assert [type(outcome) for outcome in outcomes] == [Extracted, Unreadable, Extracted]
    assert files(tmp_path) == ["a_00.jpg", "b_00.jpg"]


def test_folders_are_kept_and_names_never_shared(tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "sub").mkdir(parents=True)
    reads = [
        picture(str(source / name), 1, seed) for seed, name in enumerate(("p.jpg", "p.png", "sub/p.jpg", "名.jpg"))
    ]
    out = tmp_path / "out"
    list(extract_faces(reads, detector=FacesInARow(), folder=out, names=Names([source])))
    assert files(out) == ["p_00.jpg", "p_png_00.jpg", "sub/p_00.jpg", "名_00.jpg"]


def test_more_than_a_hundred_faces(tmp_path: Path) -> None:
    (outcome,) = run([picture("crowd.jpg", 120)], tmp_path, cropping=Cropping(size=8))
    assert isinstance(outcome, Extracted)
    assert len(set(outcome.crops)) == 120
    assert outcome.crops[119] == Path("crowd_119.jpg")


def test_low_scores_are_left_out(tmp_path: Path) -> None:
    (outcome,) = run([picture("a.jpg", 5)], tmp_path, selection=Selection(min_score=0.75))
    assert isinstance(outcome, Extracted)
    assert outcome.faces.scores.tolist() == pytest.approx([0.9, 0.8])
    assert files(tmp_path) == ["a_00.jpg", "a_01.jpg"]


def test_contact_sheets_of_a_hundred(tmp_path: Path) -> None:
    run([picture("a.jpg", 70), picture("b.jpg", 70), picture("c.jpg", 5)], tmp_path, sheet=True, format="png", **SMALL)
    sheets = [name for name in files(tmp_path) if "contact" in name]
    assert sheets == ["contact-sheet-001.png", "contact-sheet-002.png"]
    with Image.open(tmp_path / sheets[0]) as full, Image.open(tmp_path / sheets[1]) as rest:
        assert full.width == rest.width
        assert rest.height < full.height


def test_no_faces_no_sheet(tmp_path: Path) -> None:
    run([picture("a.jpg", 0)], tmp_path, sheet=True)
    assert files(tmp_path) == []


def test_a_picture_named_like_a_sheet_is_no_danger(tmp_path: Path) -> None:
    run([picture("contact-sheet-001.jpg", 1), picture("contact-sheet.jpg", 2)], tmp_path, sheet=True, **SMALL)
    assert files(tmp_path) == [
        "contact-sheet-001.jpg",
        "contact-sheet-001_00.jpg",
        "contact-sheet_00.jpg",
        "contact-sheet_01.jpg",
    ]


def test_a_second_run_gives_the_same_bytes(tmp_path: Path) -> None:
    def bytes_of_run() -> dict[str, bytes]:
        run([picture("a.jpg", 3), picture("a.png", 2)], tmp_path, sheet=True)
        return {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}

    first = bytes_of_run()
    assert len(first) == 6
    assert bytes_of_run() == first


def test_results_come_while_later_pictures_wait(tmp_path: Path) -> None:
    def reads() -> Iterator[Read]:
        yield from (picture(f"{n}.jpg", 1) for n in range(16))
        raise RuntimeError("read too far")

    outcomes = extract_faces(reads(), detector=FacesInARow(), folder=tmp_path)
    assert files(tmp_path) == [], "nothing is done before it is asked for"
    next(outcomes)
    assert files(tmp_path) == ["0_00.jpg"]
    with pytest.raises(RuntimeError, match="read too far"):
        list(outcomes)
    assert len(files(tmp_path)) == 16, "what came before an error is whole and there"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "gif"}, 'format "jpg", "png" or "webp"'),
        ({"quality": 0}, "quality of 1 to 100"),
    ],
)
def test_options_that_cannot_work(options: dict[str, object], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        ExtractOptions(**options)  # type: ignore[arg-type]


def test_aligned_crops_with_matrices_and_measures(tmp_path: Path) -> None:
    read = picture("a.jpg", 3)
    (outcome,) = run([read], tmp_path, format="png", cropping=Cropping(kind="aligned"), measure=True)
    assert isinstance(outcome, Extracted)
    assert read.pixels is not None
    for crop, file in zip(aligned_crops(read.pixels, outcome.faces), outcome.crops, strict=True):
        with Image.open(tmp_path / file) as saved:
            assert np.array_equal(np.asarray(saved), crop)
    assert outcome.matrices.shape == (3, 2, 3)
    assert outcome.measures == measure_faces(read.pixels, outcome.faces)


def test_measures_are_the_same_whatever_is_cut_out(tmp_path: Path) -> None:
    ways: list[dict[str, Any]] = [
        {"cropping": Cropping()},
        {"cropping": Cropping(kind="aligned", fill=(255, 0, 0))},
        {"cropping": Cropping(kind="aligned"), "selection": Selection(max_yaw=90)},
    ]
    results = [run([picture("a.jpg", 3)], tmp_path, measure=True, **way)[0] for way in ways]
    assert all(isinstance(one, Extracted) and one.measures == results[0].measures for one in results)  # type: ignore[union-attr]
    assert len(results[0].measures) == 3  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize("kind", ["box", "aligned"])
def test_measures_choose_and_stay_with_their_faces(tmp_path: Path, kind: Literal["box", "aligned"]) -> None:
    cropping = Cropping(kind=kind)
    (every,) = run([picture("a.jpg", 5)], tmp_path / "every", cropping=cropping, measure=True)
    assert isinstance(every, Extracted)
    assert every.measures is not None
    values = [one.sharpness for one in every.measures]
    limit = sorted(values)[2]
    (some,) = run([picture("a.jpg", 5)], tmp_path / "some", cropping=cropping, selection=Selection(min_sharpness=limit))
    assert isinstance(some, Extracted)
    assert some.measures == tuple(one for one in every.measures if one.sharpness >= limit)
    kept = [place for place, value in enumerate(values) if value >= limit]
    assert some.faces == every.faces[kept]
    assert np.array_equal(some.matrices, every.matrices[kept])
    assert len(files(tmp_path / "some")) == 3
    for file, place in zip(some.crops, kept, strict=True):
        assert (tmp_path / "some" / file).read_bytes() == (tmp_path / "every" / every.crops[place]).read_bytes()


def test_measures_that_nobody_asked_for_are_not_made(tmp_path: Path) -> None:
    (outcome,) = run([picture("a.jpg", 2)], tmp_path, selection=Selection(at_most=1, prefer="size"))
    assert isinstance(outcome, Extracted)
    assert outcome.measures is None
    assert files(tmp_path) == ["a_00.jpg"]


def test_crops_in_the_shape_of_their_boxes_and_a_sheet_of_them(tmp_path: Path) -> None:
    cropping = Cropping(size=30, margin=0, shape="box", fill=(0, 255, 0))
    read = picture("a.jpg", 2)
    (outcome,) = run([read], tmp_path, format="png", cropping=cropping, sheet=True)
    assert isinstance(outcome, Extracted)
    assert read.pixels is not None
    (first, _) = box_crops(read.pixels, outcome.faces, size=30, margin=0, fill=(0, 255, 0))
    assert first.shape == (30, 20, 3)
    with Image.open(tmp_path / "a_00.png") as crop:
        assert np.array_equal(np.asarray(crop), first)
    with Image.open(tmp_path / "contact-sheet-001.png") as sheet:
        cell = np.asarray(sheet)[:, 5 + 38 : 5 + 58]
    whole = [top for top in range(len(cell) - 30) if np.array_equal(cell[top : top + 30], first)]
    assert len(whole) == 1, "in the middle of its place of 96 pixels, in its own shape"


def test_webp_and_what_crops_keep_of_their_source(tmp_path: Path) -> None:
    asked: list[object] = []

    def told(source: object) -> Metadata:
        asked.append(source)
        return Metadata(icc_profile=b"profile of " + str(source).encode(), captured="2024-05-31T18:20:01")

    options = ExtractOptions(format="webp")
    reads = [picture("a.jpg", 2), picture("none.jpg", 0), picture("b.jpg", 1)]
    outcomes = list(extract_faces(reads, detector=FacesInARow(), folder=tmp_path, options=options, metadata=told))
    assert asked == [Path("a.jpg"), Path("b.jpg")], "a picture without crops is not read again"
    assert [one.captured for one in outcomes if isinstance(one, Extracted)] == [
        "2024-05-31T18:20:01",
        None,
        "2024-05-31T18:20:01",
    ]
    with Image.open(tmp_path / "a_01.webp") as crop:
        assert (crop.format, crop.size, crop.info["icc_profile"]) == ("WEBP", (160, 160), b"profile of a.jpg")


def test_a_source_that_has_gone_since_is_told(tmp_path: Path) -> None:
    def gone(source: object) -> Metadata:
        raise ImageError(f"{source}: expected a file that can be read, got: No such file or directory")

    outcomes = list(extract_faces([picture("a.jpg", 1)], detector=FacesInARow(), folder=tmp_path, metadata=gone))
    assert [type(outcome) for outcome in outcomes] == [Unreadable]
    assert files(tmp_path) == []
