#!/usr/bin/env bash
# The Python tests of the engines with the C++ core built under sanitizers.
#
#     scripts/sanitized_pytest.sh address,undefined|thread VENV [TESTS]...
#
# The instrumented package goes into an environment of its own, which borrows the tools of VENV, so that the ordinary
# build stays as it is. The runtime of the sanitizer has to be in the process before Python is, hence LD_PRELOAD.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizers=$1
tools=$2
shift 2
case $sanitizers in
    address*) library=libasan.so ;;
    thread) library=libtsan.so ;;
    *) echo "expected address,undefined or thread, got $sanitizers" >&2; exit 2 ;;
esac
home=build/sanitize-${sanitizers%%,*}-python
python=$home/venv/bin/python
compiler=${CXX:-c++}
runtime=$("$compiler" -print-file-name=$library)
case $runtime in
    /*) ;;
    *) echo "expected $compiler to know $library, got nothing: install the sanitizer runtimes of the compiler" >&2; exit 1 ;;
esac

if [ ! -x "$python" ]; then
    "$tools/bin/python" -m venv --without-pip "$home/venv"
fi
site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# A path in a .pth file makes the tools importable, but not the editable package that lies among them.
"$tools/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > "$site/tools.pth"
"$tools/bin/python" -m pip --quiet --disable-pip-version-check --python "$python" \
    install --no-deps --no-build-isolation --force-reinstall \
    -C build-dir="$home/build" -C cmake.build-type=RelWithDebInfo -C install.strip=false \
    -C cmake.define.FACECASCADE_SANITIZE="$sanitizers" .

# Python itself keeps memory until it ends, which is no leak of ours.
export ASAN_OPTIONS=detect_leaks=0:halt_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1
# NumPy's BLAS is not built for the sanitizer, which takes what passes between its threads for races.
export OPENBLAS_NUM_THREADS=1
# The sanitizer looks for what throws exceptions when it starts, so that has to be there too.
LD_PRELOAD="$runtime $("$compiler" -print-file-name=libstdc++.so.6)" "$python" -m pytest -p no:cacheprovider "${@:-tests/engines}"
