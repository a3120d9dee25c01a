# make run: environment and dashboard. make test: everything. See README.md.
PYTHON ?= python3
BIN := .venv/bin
# One process more than there are cores: many tests wait, for a browser or for a process that is killed.
WORKERS = $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
READY := .venv/.ready

.PHONY: run test check fix soak bench demo lock clean

run: $(READY)
	$(BIN)/python -m pages.parts.serve

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not soak"

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_architecture.py tests/test_docs.py

fix: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(READY)
	$(BIN)/python -m pytest -m soak -n 2 --dist loadfile --no-loadscope-reorder -s

bench: $(READY)
	$(BIN)/python tests/bench --scale $(or $(SCALE),full)

demo: $(READY)
	$(BIN)/samsyn demo --release data/demo

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Samsyn needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf .venv build
