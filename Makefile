# Needs git, make and Python >= 3.11; everything else is installed into .venv, without root.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
export PIP_REQUIRE_VIRTUALENV := 1

# A stamp says which pyproject.toml and constraints.txt an environment was made from.
VENV := .venv/.made
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
NODE_PACKAGES := tests/node/node_modules/.made tests/react/node_modules/.made
NODE = PATH="$$(PYTHONPATH=tests $(BIN)/python -m support.node):$$PATH"
MODULES := eslint.config.mjs "src/modelctl/web/*.js" "src/modelctl/clients/**/*.js" \
  "tests/react/*.ts" "tests/react/{harness,units,minimal/src}/**/*.{mjs,ts,tsx}"

# What is installed in front ends has the style of agent-ui, whose `format` looks at it.
DROP_IN := "src/modelctl/clients/**/*.{ts,tsx}" "tests/react/agent-ui/**/*.{ts,tsx}"
DROP_IN_PRETTIER := $(NODE) tests/react/node_modules/.bin/prettier --config tests/react/agent-ui/prettier.config.cjs

.DEFAULT_GOAL := help
.PHONY: help setup up test quick smoke lines stress soak faults hosts check format bench docs fuzz lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

setup: $(RUNTIME) ## make .venv with .venv/bin/modelctl

up: $(RUNTIME) ## run the control plane (7777) and LiteLLM (4000); Ctrl-C ends both
	@exec $(BIN)/modelctl up $(ARGS)

test: $(DEVELOPMENT) $(NODE_PACKAGES) ## run the whole suite (ARGS="-k wire -x" narrows it)
	$(BIN)/pytest $(ARGS)

# Property tests draw a tenth of their examples. Five processes on two cores: many tests wait for another process.
quick: $(DEVELOPMENT) ## the tests that need no LiteLLM and no browser, in parallel: two minutes on two cores (ARGS="-k store")
	@start=$$(date +%s); MANY=0.1 PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -q -n 5 --dist worksteal tests/unit tests/api $(ARGS); \
	  status=$$?; echo "make quick took $$(($$(date +%s) - start)) s"; exit $$status

# The oldest line is the pinned one, on which the whole suite runs.
smoke: $(DEVELOPMENT) $(NODE_PACKAGES) ## what a team does on any day, on LiteLLM's LTS and its newest line (LINE=1.109: another)
	@for line in $(or $(LINE),1.108 1.110); do \
	  $(BIN)/python scripts/line_environment.py $$line >&2 \
	  && $(BIN)/pytest -q --line $$line $(ARGS) tests/litellm/test_line_smoke.py || exit 1; \
	done

lines: $(DEVELOPMENT) $(NODE_PACKAGES) ## the matrix on every line of LiteLLM, in .lines/ (LINE=1.110: one); writes docs/litellm.md
	$(BIN)/python scripts/lines_matrix.py $(LINE) $(ARGS)

stress: $(DEVELOPMENT) $(NODE_PACKAGES) ## the whole suite in random order, one busy process a core beside it (SEED=7 for that order)
	PYTHONPATH=tests $(BIN)/python -m support.busy $(BIN)/pytest --random-order $(if $(SEED),--random-order-seed $(SEED)) $(ARGS)

soak: $(DEVELOPMENT) $(NODE_PACKAGES) ## the tests under load with many more changes (CHANGES=1000)
	CHANGES=$(or $(CHANGES),1000) $(BIN)/pytest --timeout 3600 tests/litellm/test_wire_under_load.py tests/litellm/test_hook_under_load.py

# A small form of all of it is part of the suite.
faults: $(DEVELOPMENT) ## kill, stop and starve processes under load, and print what was lost (FAULTS=200 kills, SEED=7)
	FAULTS=$(or $(FAULTS),60) SEED=$(or $(SEED),1) START_WAYS=all $(BIN)/pytest -q --timeout 7200 $(ARGS) \
	  tests/api/test_faults_store.py tests/litellm/test_faults.py tests/litellm/test_start_ways.py

hosts: $(DEVELOPMENT) ## three LiteLLMs on hosts of their own, one cut off and healed (network namespaces, no root; Linux)
	MODELCTL_TEST_HOSTS=1 unshare --user --map-root-user --net $(BIN)/pytest -q -s $(ARGS) tests/litellm/test_three_hosts.py

check: $(DEVELOPMENT) $(NODE_PACKAGES) ## lint, format, types, layers, and that what is generated is current
	@$(MAKE) --no-print-directory -j 4 $(if $(filter output-sync,$(.FEATURES)),-O) $(CHECKS)

# Side by side, the longest first; whatever fails, the others that run are finished and shown.
CACHED = --cache --cache-strategy content --cache-location tests/$(1)/node_modules/.cache/prettier-of-make
CHECKS := check-page-types check-react-types check-format check-drop-in check-python check-functions check-generated
.PHONY: $(CHECKS)

check-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check-page-types:
	$(NODE) tests/node/node_modules/.bin/tsc -p tests/browser

check-react-types:
	$(NODE) tests/react/node_modules/.bin/tsc -p tests/react

check-format:
	$(NODE) tests/node/node_modules/.bin/prettier --print-width 120 --log-level warn $(call CACHED,node) --check $(MODULES)

check-drop-in:
	$(DROP_IN_PRETTIER) --log-level warn $(call CACHED,react) --check $(DROP_IN)

check-functions:
	$(NODE) tests/node/node_modules/.bin/eslint src/modelctl/web src/modelctl/clients

check-generated:
	$(BIN)/modelctl render --check
	$(BIN)/python scripts/fact_tables.py --check
	$(BIN)/python scripts/rule_pages.py --check
	$(BIN)/python scripts/catalog_reference.py --check
	$(BIN)/python scripts/architecture.py --check
	$(BIN)/python scripts/lines_matrix.py --check
	PYTHONPATH=.:tests $(BIN)/python -m bench --check
	$(BIN)/modelctl schema --out catalog/.schema --check

format: $(DEVELOPMENT) $(NODE_PACKAGES) ## let ruff and prettier put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(NODE) tests/node/node_modules/.bin/prettier --print-width 120 --log-level warn --write $(MODULES)
	$(DROP_IN_PRETTIER) --log-level warn --write $(DROP_IN)

bench: $(DEVELOPMENT) ## measure every target (QUICK=1: fewer samples, ARGS="select": some rows, LINE=1.110: that LiteLLM, RECORD=1: publish)
	@PYTHONPATH=.:tests $(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(RECORD),--record) $(if $(LINE),--line $(LINE)) $(ARGS)

docs: $(DEVELOPMENT) ## write what is generated: docs/rules/, docs/catalog.md, layers, schemas, tables of facts
	$(BIN)/python scripts/fact_tables.py
	$(BIN)/python scripts/rule_pages.py
	$(BIN)/python scripts/catalog_reference.py
	$(BIN)/python scripts/architecture.py
	$(BIN)/python scripts/lines_matrix.py --page
	PYTHONPATH=.:tests $(BIN)/python -m bench --page
	$(BIN)/modelctl schema --out catalog/.schema

fuzz: $(DEVELOPMENT) ## check 20,000 mutated and 10,000 invented catalogs and configs, ask the API all that its OpenAPI allows (ARGS="--seed 7" for others)
	PYTHONPATH=tests $(BIN)/python -m support.fuzz --runs 20000 $(ARGS)
	MANY=40 $(BIN)/pytest -q --timeout 3600 tests/unit/test_fuzz.py -k any_values
	MANY=40 $(BIN)/pytest -q --timeout 3600 tests/api/test_api_fuzz.py

lock: $(DEVELOPMENT) ## work out constraints.txt again after a change of pyproject.toml
	$(PIP) -q uv
	printf 'hatchling\neditables\nuv\n' | $(BIN)/uv pip compile -q --universal --python-version 3.11 \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml - -o constraints.txt

clean: ## remove .venv, installed npm packages and caches; the state folder stays
	rm -rf .venv .lines tests/node/node_modules tests/react/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "modelctl needs Python 3.11 or newer; \`$(PYTHON)\` is older or missing. Try: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv >&2 || { rm -rf .venv; \
	  echo "\`$(PYTHON) -m venv\` failed; on Debian it is a package of its own: python3-venv" >&2; exit 1; }
	@touch $@

# The build backend is installed first, so that it is pinned like everything else.
$(RUNTIME): pyproject.toml constraints.txt | $(VENV)
	@echo "installing modelctl into .venv (a minute or two the first time)" >&2
	@$(PIP) -q hatchling editables >&2
	@$(PIP) $(if $(wildcard $@),-q) --no-build-isolation -e . >&2
	@touch $@

$(DEVELOPMENT): $(RUNTIME)
	@$(PIP) -q --no-build-isolation -e '.[dev]' >&2
	@touch $@

tests/%/node_modules/.made: tests/%/package.json tests/%/package-lock.json $(DEVELOPMENT)
	@PYTHONPATH=tests $(BIN)/python -m support.node ci --prefix tests/$* >&2
	@touch $@
