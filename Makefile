# Every target works on a fresh machine: `setup` is behind all of them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# The tests start hundreds of programs; without what was compiled before, each takes half a second longer.
unexport PYTHONDONTWRITEBYTECODE
# One more than there are cores: much of the time, a test waits for something.
WORKERS ?= $(shell expr $$(nproc) + 1)

.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' $(firstword $(MAKEFILE_LIST)))
help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(STAMP) ## make .venv with everything in it, the web console, and the system packages that are missing
	@VENV="$(VENV)" bash tools/build_console.sh --if-possible
$(STAMP): pyproject.toml requirements/dev.txt requirements/last.txt requirements/oldest-envoy.txt tools/setup.sh tools/make_envoy_stubs.py
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash tools/setup.sh
	@touch $@

console: $(STAMP) ## build the web console into src/gossamer/console/static
	@VENV="$(VENV)" bash tools/build_console.sh

demo: setup ## the Getting Started, live on this machine (ARGS="--once" for scripts)
	@$(BIN)/gossamer demo $(ARGS)

test: setup ## every test, in random order, WORKERS files at a time, the longest first
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

e2e: setup ## only the tests that drive real programs
	$(BIN)/pytest -m e2e $(ARGS)

images: setup ## build the container images, start them here, and let them serve the Getting Started
	bash deploy/images/build.sh
	$(MAKE) e2e-images

e2e-images: setup ## the tests of the images that are there
	GOSSAMER_IMAGES=1 $(BIN)/pytest tests/images $(ARGS)

fuzz: setup ## the tests that leave something to chance, with far more of it
	$(BIN)/pytest -m fuzz --hypothesis-profile=fuzz $(ARGS)

faults: setup ## crashes, fail-overs, full disks, wrong clocks and bad proxies, with traffic through real Envoys
	GOSSAMER_FAULTS=1 $(BIN)/pytest -m faults --timeout 900 tests/faults $(ARGS)

quick: setup ## what a commit must pass, in seconds
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/lint-imports --no-logo > /dev/null
	$(BIN)/pytest -q -x -m "not e2e" tests/unit tests/playbook

check-static: $(STAMP) ## format, lint, types, imports, sizes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python tools/make_envoy_stubs.py
	$(BIN)/mypy
	$(BIN)/python tools/check_sizes.py
	@VENV="$(VENV)" bash tools/check_console.sh

check: check-static test ## what CI runs

golden: setup ## rewrite the golden outputs, and delete stale ones
	$(BIN)/python tools/golden.py
	PYTHONPATH=. $(BIN)/python -m tests.golden.sidecar.cases
	PYTHONPATH=. $(BIN)/python -m tests.golden.inject.cases

bench: setup ## measure (SCENARIO=name for one); the newest results are kept in build/bench
	$(BIN)/python -m bench $(SCENARIO)

soak: setup ## a mesh under churn and traffic for MINUTES=20, and whether anything grows
	PYTHONPATH=. $(BIN)/python -m bench.soak $(or $(MINUTES),20)

docs: setup ## rewrite the generated reference pages
	for tool in tools/make_*reference.py; do $(BIN)/python $$tool || exit 1; done

site: setup ## build the documentation site, searchable, into build/site
	@ls build/screenshots/*.png >/dev/null 2>&1 || [ ! -d tests/browser ] || $(BIN)/pytest tests/browser
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo "build/site/index.html"

lock: setup ## compile the pinned requirement files
	bash tools/lock.sh

where: ## every file of one concept: make where STEM=retry
	@git ls-files | grep -E '(^|/)$(STEM)(\.|/|_)' || echo "no file has the stem '$(STEM)'"

performance: setup ## measure everything, some 15 minutes, and write docs/explanation/performance.md
	$(BIN)/python -m bench --page

clean: ## remove what setup made
	rm -rf $(VENV) stubs console/node_modules src/gossamer/console/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
