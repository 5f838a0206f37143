# Needs Python 3.11 or later, a C++20 compiler and make; everything else comes from PyPI into $(VENV).
# Another Python has a home of its own: make test PYTHON=python3.13 VENV=.venvs/3.13

PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= cli,evaluate,heif,jpeg,video,keras,onnx,litert,serve,ray
PYTEST_ARGS ?=

BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
NATIVE := $(shell find native -type f)
CXX_FILES = $(shell find native -name '*.cpp' -o -name '*.hpp')
NATIVE_TESTS := build/native-tests

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint format pytest native-test tidy sanitize sanitize-address sanitize-thread test-neon benchmark accuracy compat wheel clean

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
	    || sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1: \2/p' $(MAKEFILE_LIST)

demo: $(STAMPS)/package  ## Find the faces in sample pictures; results in demo/
	@$(BIN)/python -m scripts.demo

test: lint pytest native-test  ## Everything that must pass: lint, Python tests, C++ tests

lint: $(STAMPS)/package  ## Style, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/clang-format --dry-run --Werror $(CXX_FILES)

format: $(STAMPS)/tools  ## Put all files into the form that lint wants
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/clang-format -i $(CXX_FILES)

pytest: $(STAMPS)/package  ## The Python tests; PYTEST_ARGS="-k nms" for some of them
	$(BIN)/pytest $(PYTEST_ARGS)

native-test: $(STAMPS)/tools  ## The C++ tests
	$(call native_tests,$(NATIVE_TESTS),)

tidy: $(STAMPS)/tools  ## clang-tidy over the C++ core
	$(call configure,$(NATIVE_TESTS),-DCMAKE_EXPORT_COMPILE_COMMANDS=ON)
	$(BIN)/clang-tidy -p $(NATIVE_TESTS) --quiet $(filter-out native/bindings.cpp,$(wildcard native/*.cpp))

sanitize: sanitize-address sanitize-thread  ## All tests of the core under the sanitizers

sanitize-address: $(STAMPS)/tools
	$(call native_tests,build/sanitize-address,-DFACECASCADE_SANITIZE=address$(COMMA)undefined)
	scripts/sanitized_pytest.sh address,undefined $(VENV)

sanitize-thread: $(STAMPS)/tools
	$(call native_tests,build/sanitize-thread,-DFACECASCADE_SANITIZE=thread)
	scripts/sanitized_pytest.sh thread $(VENV)

# Debian: apt-get install g++-aarch64-linux-gnu qemu-user-static
test-neon: $(STAMPS)/tools  ## The C++ tests for ARM, on another machine by emulation
	$(call configure,build/neon,-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
	    -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_EXE_LINKER_FLAGS=-static)
	$(BIN)/cmake --build build/neon
	qemu-aarch64-static build/neon/native/tests/native_tests

benchmark: $(STAMPS)/package  ## Speed on this machine, beside other packages and its limit, into docs/performance.md
	$(BIN)/python -m benchmarks.performance --write

accuracy: $(STAMPS)/package  ## Accuracy on the marked photographs in ../shared/data, and parity with mtcnn 0.1.1
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.parity

compat: $(STAMPS)/package  ## The drop-ins beside the packages they stand in for, each in its own .venvs/ (10 GB)
	$(BIN)/python -m benchmarks.compat

wheel: $(STAMPS)/tools  ## A wheel for this Python in dist/
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:  ## Remove whatever was built; the pictures in .cache/ stay
	rm -rf $(VENV) build demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

# --- How it is done --------------------------------------------------------------------------------------------------

COMMA := ,
# cmake and ninja are those of $(VENV), which need not be on the PATH.
configure = $(BIN)/cmake -S . -B $(1) -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN)/ninja) -DFACECASCADE_TESTS=ON $(2)
define native_tests
	$(call configure,$(1),$(2))
	$(BIN)/cmake --build $(1)
	$(BIN)/ctest --test-dir $(1) --output-on-failure
endef

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or later is needed, and $(PYTHON) is not: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

# pip knows dependency groups since 25.1, so it is brought up to date first.
$(STAMPS)/tools: $(STAMPS)/venv pyproject.toml constraints.txt
	$(PIP) install --constraint constraints.txt --upgrade pip
	$(PIP) install --constraint constraints.txt --group dev
	@touch $@

# Editable, so a change in Python is there at once. Built with the pinned tools of $(VENV), so the compiler's results in
# build/ stay good from one run to the next.
$(STAMPS)/package: $(STAMPS)/tools CMakeLists.txt $(NATIVE)
	$(PIP) install --constraint constraints.txt --no-build-isolation --editable ".[$(EXTRAS)]"
	@touch $@
