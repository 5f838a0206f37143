"""What `blur` hides and keeps, and what it tells."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from tests.cli.painted import Painted, run, tree
from tests.rewrite.clips import contents, make_clip

from facecascade.read import read_picture
from facecascade.settings import PRESETS

Pixels = NDArray[np.uint8]


def is_red(picture: Pixels) -> bool:
    return bool(((picture[..., 0] > 180) & (picture[..., 1] < 60)).any())


def test_blur_writes_every_picture_and_hides_every_face(photos: Path) -> None:
    result = run("blur", photos, "-o", "hidden", "--style", "cover")
    assert result.code == 0
    assert tree(Path("hidden")) == ["a.jpg", "b.png", "sub/a.png"]
    assert "3 pictures, 3 faces in" in result.err
    assert result.out == ""
    for name in tree(Path("hidden")):
        assert not is_red(read_picture(Path("hidden", name)))
    old, new = read_picture(photos / "sub" / "a.png"), read_picture("hidden/sub/a.png")
    assert (new[2:18, 2:18] == 0).all()
    assert np.array_equal(new[30:], old[30:])
    assert np.array_equal(read_picture("hidden/b.png"), read_picture(photos / "b.png"))


def test_blur_looks_carefully_unless_told_otherwise(photos: Path) -> None:
    run("blur", photos, "-o", "hidden")
    assert Painted.made == {**PRESETS["careful"], "engine": "native"}
    run("blur", photos, "-o", "hidden", "--preset", "fast", "--mirror")
    assert Painted.made == {**PRESETS["fast"], "mirror": True, "engine": "native"}
    run("draw", photos, "-o", "drawn")
    assert Painted.made == {"engine": "native"}


def test_blur_has_styles_shapes_and_limits(photos: Path) -> None:
    options = "--style cover --colour lime --shape box --margin 0.1 --min-score 0.9"
    assert run("blur", photos / "a.jpg", "-o", "hidden", "--quality", "100", *options.split()).code == 0
    new = read_picture("hidden/a.jpg").astype(int)
    assert np.abs(new[1:21, 1:21] - (0, 255, 0)).max() < 20
    assert np.abs(new[2:18, 42:58] - (255, 0, 0)).max() < 20  # its score is lower
    assert run("blur", photos / "a.jpg", "-o", "none", "--min-size", "21").code == 0
    assert is_red(read_picture("none/a.jpg"))


def test_what_cannot_be_read_is_told_and_not_copied(photos: Path) -> None:
    (photos / "bad.jpg").write_bytes(b"no picture")
    result = run("blur", photos, "-o", "hidden")
    assert result.code == 1
    assert "facecascade: photos/bad.jpg: expected a picture" in result.err
    assert tree(Path("hidden")) == ["a.jpg", "b.png", "sub/a.png"]


def test_the_sources_stay(photos: Path) -> None:
    before = {name: (photos / name).read_bytes() for name in tree(photos)}
    result = run("blur", photos / "a.jpg", "-o", "photos")
    assert result.code == 2
    assert "expected an output folder apart from the pictures, got photos" in result.err
    assert {name: (photos / name).read_bytes() for name in tree(photos)} == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("--style smear", 'expected style "blur", "pixelate" or "cover"'),
        ("--cells 40", "expected 1 to 16 cells"),
        ("--colour nocolour", "expected a colour"),
        ("--crf 60", "expected a crf of 0 to 51"),
        ("--quality 0", "expected a quality of 1 to 100"),
        ("--frames some", 'expected frames="first" or "all"'),
        ("--hold -1", "expected hold of at least 0 frames"),
    ],
)
def test_wrong_options(photos: Path, wrong: str, message: str) -> None:
    result = run("blur", photos, "-o", "hidden", *wrong.split())
    assert result.code == 2
    assert message in result.err
    assert not Path("hidden").exists()


def test_blur_in_a_video_keeps_the_sound(photos: Path) -> None:
    clip = make_clip(photos / "clip.mp4", corner=(0, 0))
    result = run("blur", clip, photos / "b.png", "-o", "hidden", "--style", "cover")
    assert result.code == 0
    assert tree(Path("hidden")) == ["b.png", "clip.mp4"]
    assert "1 picture, 1 video of 25 frames, " in result.err
    assert result.err.rstrip().endswith("frames/s")
    old, new = contents(clip), contents(Path("hidden/clip.mp4"))
    assert is_red(old.pictures[7])
    assert "25 faces" in result.err
    assert not any(is_red(picture) for picture in new.pictures)
    assert new.sound == old.sound
    assert new.times == old.times


def test_a_cut_video_gives_exit_code_1(photos: Path) -> None:
    clip = make_clip(photos / "clip.mkv", times=[40 * number for number in range(100)])
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    result = run("blur", clip, "-o", "hidden")
    assert result.code == 1
    assert "what could be read is in hidden/clip.mkv" in result.err
    assert tree(Path("hidden")) == ["clip.mkv"]


def test_ctrl_c_in_a_video_leaves_nothing_of_it(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_clip(photos / "clip.mp4")
    looked = Painted.detect_batch

    def interrupted(self: Painted, pictures: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        monkeypatch.setattr(Painted, "detect_batch", looked)
        return looked(self, pictures)  # type: ignore[arg-type]

    monkeypatch.setattr(Painted, "detect_batch", interrupted)
    result: SimpleNamespace = run("blur", clip, photos / "b.png", "-o", "hidden")
    assert result.code == 130
    assert "interrupted after 0" in result.err
    assert tree(Path("hidden")) == []


def test_animated_pictures_move_when_asked(photos: Path) -> None:
    frames = [Image.fromarray(np.full((40, 40, 3), level, np.uint8)) for level in (10, 200)]
    frames[0].save(photos / "m.gif", save_all=True, append_images=frames[1:], duration=100)
    for frames_option, count in (("first", 1), ("all", 2)):
        assert run("blur", photos / "m.gif", "-o", frames_option, "--frames", frames_option).code == 0
        with Image.open(Path(frames_option, "m.gif")) as image:
            assert getattr(image, "n_frames", 1) == count
