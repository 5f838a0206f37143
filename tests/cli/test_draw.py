"""What `draw` draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.cli.painted import Painted, run, tree
from tests.rewrite.clips import contents, make_clip

from facecascade.draw import draw_faces
from facecascade.read import read_picture


def test_draw_draws_what_draw_faces_does(photos: Path) -> None:
    result = run("draw", photos, "-o", "drawn", "--scores")
    assert result.code == 0
    assert tree(Path("drawn")) == ["a.jpg", "b.png", "sub/a.png"]
    picture = read_picture(photos / "sub" / "a.png")
    expected = draw_faces(picture, Painted._faces(picture), scores=True)
    assert np.array_equal(read_picture("drawn/sub/a.png"), np.asarray(expected))
    assert np.array_equal(read_picture("drawn/b.png"), read_picture(photos / "b.png"))


def test_draw_in_a_video(photos: Path) -> None:
    clip = make_clip(photos / "clip.mp4", faceless=range(3, 25), corner=(40, 0))
    assert run("draw", clip, "-o", "drawn", "--crf", "5").code == 0
    old, new = contents(clip), contents(Path("drawn/clip.mp4"))
    assert new.sound == old.sound
    assert new.times == old.times
    drawn = [
        int((np.abs(after.astype(int) - before).max(axis=2) > 80).sum())
        for before, after in zip(old.pictures, new.pictures, strict=True)
    ]
    assert min(drawn[:3]) > 40  # a box of 20 pixels, whose upper edge is that of the picture
    assert max(drawn[3:]) == 0


def test_draw_leaves_out_low_scores(photos: Path) -> None:
    assert "1 picture, 0 faces" in run("draw", photos / "a.jpg", "-o", "drawn", "--min-score", "0.99").err
