# Shortfall. On a bare machine with Python 3.11 or newer and make:
#
#   make run          set up (once), then run the default scenario
#   make test         set up for development (once), then run the tests
#   make test-slow    the statistical and long tests
#   make lint         ruff, mypy, import ladder
#   make docs         the documentation as a site, in build/docs (warnings are errors)
#   make bench        ratios to SimPy and a C++ twin, roofline, cost, memory, the sweep of record
#   make bench-peers  time other simulators on shared chains (installs them; not in CI)
#   make network      rebuild the committed network files and docs/shares.md from data/
#   make faults       break runs on purpose (kill -9, full disk, ...) and count
#   make wheel        build the wheel into dist/
#   make lock         resolve the locks anew (needs uv)
#   make clean        remove .venv, build products and caches (not results/)
#
# PYTHON=python3.13 chooses the interpreter of the environment; ARGS="run.seed=7" adds settings to
# `make run` and options to `make test` (ARGS="-n 0" runs the tests in one process).

PYTHON ?= python3
SCENARIO ?= china_ree_controls_2025_10
ARGS ?=
UV ?= uv

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUN_READY := $(VENV)/.ready-run
DEV_READY := $(VENV)/.ready-dev

.DEFAULT_GOAL := help
.PHONY: help run test test-slow lint docs bench bench-peers faults network wheel lock clean

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

run: $(RUN_READY)
	$(BIN)/shortfall run scenario=$(SCENARIO) $(ARGS)

# As many workers as cores; each begins with its half of the list, so what a file shares is made once.
WORKERS := -n logical --maxprocesses 8 --dist worksteal

test: $(DEV_READY)
	MPLBACKEND=Agg $(BIN)/python -m pytest $(WORKERS) $(ARGS)

test-slow: $(DEV_READY)
	MPLBACKEND=Agg $(BIN)/python -m pytest -m slow $(ARGS)

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(DEV_READY)
	$(BIN)/python -m sphinx -W --keep-going --quiet -d build/doctrees docs build/docs
	@echo build/docs/index.html

bench: $(RUN_READY)
	$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(RUN_READY)
	$(PIP) install --quiet -r benchmarks/peers/constraints.txt
	$(BIN)/python -m benchmarks.peers

faults: $(DEV_READY)
	$(BIN)/python -m benchmarks.faults $(ARGS)

network: $(RUN_READY)
	$(BIN)/python -m sim.build --all
	$(BIN)/python -m sim.build --report

wheel: $(DEV_READY)
	$(BIN)/python -m build --wheel --no-isolation

# Two locks, one resolution: the smaller is held to the versions of the larger.
LOCK := $(UV) pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --quiet --group build
lock:
	$(LOCK) --extra dev -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock -o requirements.lock

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# --- set-up: done when its stamp is newer than the lock and pyproject.toml ---

$(RUN_READY): requirements.lock pyproject.toml
	@$(call set_up,requirements.lock)
	@touch $@

$(DEV_READY): requirements-dev.lock pyproject.toml
	@$(call set_up,requirements-dev.lock)
	@touch $(RUN_READY) $@

define set_up
set -e; \
say() { echo "shortfall: $$*" >&2; }; \
command -v $(PYTHON) >/dev/null 2>&1 || { \
	say "no '$(PYTHON)' here; install Python 3.11 or newer, or name one: make PYTHON=python3.12"; \
	exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	say "$$($(PYTHON) -V 2>&1) is too old; Python 3.11 or newer is needed: make PYTHON=python3.12"; \
	exit 1; }; \
if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		say "$(PYTHON) lacks venv; on Debian or Ubuntu: apt install python3-venv"; exit 1; }; \
	say "making $(VENV)"; \
	$(PYTHON) -m venv $(VENV); \
fi; \
$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	say "$(VENV) holds a Python that is too old; remove it: make clean"; exit 1; }; \
say "installing $(1) (a minute or two, once)"; \
$(PIP) install --quiet --require-hashes -r $(1); \
$(PIP) install --quiet --no-deps --no-build-isolation --editable .
endef
