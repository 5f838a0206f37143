"""The command as a process of its own, with the real detector."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

COMMAND = [sys.executable, "-m", "facecascade.cli"]


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=300, check=False)


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Three pictures without faces, and one that is none."""
    folder = tmp_path / "noise"
    folder.mkdir()
    for seed in range(3):
        pixels = np.random.default_rng(seed).integers(0, 256, (60, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{seed}.png")
    (folder / "bad.jpg").write_bytes(b"\xff\xd8\xff no more")
    return folder


def test_the_real_detector_and_the_exit_code_of_unreadable_pictures(noise: Path) -> None:
    result = run("detect", noise)
    assert result.returncode == 1, result.stderr
    assert len(result.stdout.splitlines()) == 4
    assert "bad.jpg" in result.stderr.splitlines()[0]
    assert "Traceback" not in result.stderr
    (noise / "bad.jpg").unlink()
    assert run("detect", noise).returncode == 0


def test_wrong_settings_exit_with_2_and_no_traceback(noise: Path) -> None:
    for option in (["--thresholds", "1", "2", "3"], ["--geometry", "flat"], ["--stages", "4"], ["--threads", "0"]):
        result = run("detect", noise, *option)
        assert result.returncode == 2, option
        assert result.stderr.startswith("facecascade: error: expected ")
        assert len(result.stderr.splitlines()) == 1


def test_info_names_engine_and_weights() -> None:
    result = run("info")
    assert result.returncode == 0, result.stderr
    facts = dict(
        line.split(maxsplit=1) for line in result.stdout.splitlines() if not line.startswith(("weights S", "ins"))
    )
    assert facts["engine"].startswith("native, ")
    assert "reference" in facts["engines"]
    assert facts["Keras"].startswith((f"{version('keras')}, with ", "not installed; pip install "))
    digest = next(line.split()[-1] for line in result.stdout.splitlines() if "SHA-256" in line)
    assert len(digest) == 64
    assert int(digest, 16) > 0


def test_info_does_not_import_keras() -> None:
    code = "import sys; from facecascade.cli.info import info; info(); print('keras' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "False"


def test_a_device_of_another_engine_is_wrong_usage(noise: Path) -> None:
    result = run("detect", noise, "--device", "gpu")
    assert result.returncode == 2
    assert result.stderr.startswith("facecascade: error: expected device=")


def test_faces_of_a_real_photograph(samples: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "faces"
    result = run("extract", samples["astronaut"], samples["grace_hopper"], "-o", out, "--sheet", "--min-score", "0.95")
    assert result.returncode == 0, result.stderr
    with (out / "faces.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {Path(row["source"]).stem for row in rows} == {samples["astronaut"].stem, samples["grace_hopper"].stem}
    for row in rows:
        with Image.open(out / row["crop"]) as crop:
            assert crop.size == (160, 160)
            assert np.asarray(crop).std() > 20
    assert (out / "contact-sheet-001.jpg").exists()


def test_the_number_of_threads_changes_no_byte(samples: dict[str, Path], tmp_path: Path) -> None:
    outputs = []
    for threads in ("1", "3"):
        out = tmp_path / threads
        run("extract", samples["astronaut"], samples["grace_hopper"], "-o", out, "--threads", threads, "--sheet")
        outputs.append({path.name: path.read_bytes() for path in out.iterdir() if path.suffix != ".sqlite"})
    assert len(outputs[0]) >= 4
    assert outputs[0] == outputs[1]


def test_without_the_extra_the_message_says_what_to_install() -> None:
    code = "import sys; sys.modules['typer'] = None; from facecascade.cli import main; sys.exit(main())"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("facecascade: error: ")
    assert 'pip install "facecascade[cli]"' in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_version_and_help_load_neither_arrays_nor_pictures() -> None:
    code = (
        "import sys; from facecascade.cli.app import make_app\n"
        "try:\n    make_app()(['detect', '--help'])\n"
        "except SystemExit:\n"
        "    print([m for m in ('PIL', 'rich.progress', 'facecascade.detector') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "[]"


def many(folder: Path, count: int) -> Path:
    """Names of one picture that takes the detector a while."""
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (900, 1200, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "0000.png")
    for number in range(1, count):
        os.link(folder / "0000.png", folder / f"{number:04d}.png")
    return folder


def test_ctrl_c_keeps_what_is_done_and_leaves_whole_files(tmp_path: Path) -> None:
    pictures = many(tmp_path / "many", 2000)
    command = [*COMMAND, "extract", str(pictures), "-o", "out", "--threads", "1"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "out").exists() and process.poll() is None:
        time.sleep(0.02)  # the manifest is opened just before the first picture
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert "interrupted" in told.splitlines()[-1]
    assert [path.name for path in (tmp_path / "out").rglob("*") if path.name.endswith(".part")] == []


def test_ctrl_c_ends_a_stream_after_a_whole_line(tmp_path: Path) -> None:
    pictures = many(tmp_path / "many", 2000)
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen([*COMMAND, "detect", str(pictures)], stdout=subprocess.PIPE, stderr=told, text=True)
    assert process.stdout is not None
    with process.stdout as stream:
        lines = [stream.readline()]
        process.send_signal(signal.SIGINT)
        lines += stream.readlines()
    assert process.wait(timeout=120) == 130
    assert all(json.loads(line)["faces"] == [] for line in lines)
    assert 1 <= len(lines) < 2000
    last = (tmp_path / "told").read_text().splitlines()[-1]
    assert f"interrupted after {len(lines)} of 2000 pictures" in last


def test_a_reader_that_leaves_is_no_error_to_speak_of(tmp_path: Path) -> None:
    pictures = many(tmp_path / "many", 300)
    process = subprocess.Popen([*COMMAND, "detect", str(pictures)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    told = process.stderr.read().decode()
    assert process.wait(timeout=120) == 141
    assert told == ""
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
def test_a_full_disk_is_one_clear_line(noise: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [*COMMAND, "detect", str(noise)]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == "facecascade: error: output: No space left on device"
    assert "Traceback" not in result.stderr


def test_a_read_only_folder_is_one_clear_line(noise: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if os.access(locked, os.W_OK):
        pytest.skip("this user may write everywhere")
    for arguments in (["detect", "-o", "locked/f.csv"], ["extract", "-o", "locked/faces"]):
        result = run(*arguments, noise, cwd=tmp_path)
        assert result.returncode == 2
        assert "locked" in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_a_terminal_gets_a_table_and_a_bar(noise: Path) -> None:
    pty = pytest.importorskip("pty", reason="terminals are a matter of POSIX")
    ours, theirs = pty.openpty()
    command = [*COMMAND, "detect", str(noise)]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.wait() == 1
    text = shown.decode()
    assert "Picture" in text
    assert "unreadable" in text
    assert "4/4" in text
    assert "3 pictures, 0 faces, 1 unreadable" in text
