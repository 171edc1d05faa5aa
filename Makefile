# make demo   set up, then simulate a platform and judge the shipped packs on it
# make test   set up, then run everything
# make check  format, lint, types, layers, quick tests
# make bench  set up the benchmarks' own environment, then run them all

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check bench docs lock clean fonts

demo: $(VENV)/core.stamp fonts
	$(BIN)/tocsin demo --out demo-out

test: $(VENV)/dev.stamp fonts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mkdocs build --quiet --strict
	$(BIN)/pytest -q -n 2

check: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -q -n 2 tests/architecture tests/unit tests/golden

bench: .venv-bench/bench.stamp
	.venv-bench/bin/python -m bench.rules
	.venv-bench/bin/python -m bench.windows
	.venv-bench/bin/python -m bench.decide
	.venv-bench/bin/python -m bench.scale

docs: $(VENV)/dev.stamp
	$(BIN)/mkdocs serve

# a font with Chinese signs, which reports are set in: found, else installed by the system's packages, else asked for
fonts: $(VENV)/core.stamp
	@$(BIN)/python requirements/fonts.py

lock:
	$(BIN)/python requirements/lock.py

$(VENV)/core.stamp: requirements/core.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or newer; say make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/core.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/core.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

.venv-bench/bench.stamp: requirements/bench.txt pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	.venv-bench/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) .venv-bench demo-out site
