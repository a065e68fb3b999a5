.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
# The interpreter is called, never a script of .venv/bin: their first lines break in a path with a space.
VENV_PYTHON := $(if $(filter Windows_NT,$(OS)),.venv/Scripts/python,.venv/bin/python)
RUN := $(VENV_PYTHON)
# uv brings its own certificates, which a company's TLS proxy does not know; the system's does.
UV := UV_SYSTEM_CERTS=1 $(RUN) -m uv --quiet
INSTALLED := .venv/.installed
HAND_WRITTEN := src scripts tests
CLIENT_TESTS := $(addprefix tests/,unit faults modify locks observe)

# What may be set on make's command line. A mistyped name would be passed over in silence, and its default taken.
SETTINGS := PYTHON UPGRADE VERSION BASE PYTEST SANDBOX MUTATE MUTANTS DRAWN SEEDS ROUNDS INDEX_URL UPLOAD_URL BASE_URL \
  CUSTOMER_IDS SCOPE PROFILE SEED SPEC APP REMOTE PRODUCTION READ_ONLY RATE TIMEOUT CI TRUSTLY_% TWINE_% PIP_% UV_%
UNKNOWN := $(filter-out $(SETTINGS),$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))
$(if $(UNKNOWN),$(error nothing reads $(UNKNOWN); what can be set is $(SETTINGS)))

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

.PHONY: install
install: $(INSTALLED) ## Create .venv with the package, every extra and every tool

$(INSTALLED): requirements/uv.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("error: Python 3.11 or later is needed, but %s is %d.%d; name another: make PYTHON=python3.12" % (sys.executable, *v[:2]))'
	@echo "installing into .venv"
	@test -x $(VENV_PYTHON) || $(PYTHON) -m venv .venv
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) pip sync --python $(VENV_PYTHON) --require-hashes requirements/dev.txt
	@$(UV) pip install --python $(VENV_PYTHON) --no-deps --no-build-isolation --editable .
	@touch $@

PIN := UV_CUSTOM_COMPILE_COMMAND="make requirements" $(UV) pip compile $(if $(UPGRADE),--upgrade) --universal \
  --python-version 3.11 --generate-hashes --no-emit-index-url >/dev/null -o requirements

.PHONY: requirements
requirements: install ## Pin what pyproject.toml asks for anew (UPGRADE=1: to the newest)
	@$(PIN)/uv.txt requirements/uv.in
	@$(PIN)/compare.txt requirements/compare.in
	@$(PIN)/dev.txt pyproject.toml --all-extras --group dev
	@$(PIN)/sandbox.txt pyproject.toml --extra sandbox --extra postgres --constraint requirements/dev.txt

.PHONY: generate
generate: install ## Write generated/ from openapi/customers.yaml
	@$(RUN) scripts/generate.py

.PHONY: check-generated
check-generated: install ## Say what generated/ holds that the spec does not give; touch nothing
	@$(RUN) scripts/generate.py --check

.PHONY: upgrade-generator
upgrade-generator: install ## Pin VERSION=... of the generator, generate with it, and say which edits of its templates drifted
	@before="$$(mktemp)"; cp pyproject.toml "$$before"; \
	  { $(RUN) scripts/upgrade_generator.py "$(VERSION)" && $(MAKE) requirements; } || { cp "$$before" pyproject.toml; exit 1; }
	@$(MAKE) install
	@$(RUN) scripts/upgrade_generator.py --templates
	@$(MAKE) generate

.PHONY: lint-spec
lint-spec: install ## Find what is wrong with the spec
	@$(RUN) -m yamllint --strict openapi .github
	@$(RUN) scripts/lint_spec.py

.PHONY: check-compat
check-compat: install ## Say what changed since the last release (or BASE=), for whom, and which version it calls for
	@$(RUN) scripts/check_compat.py

.PHONY: changes
changes: install ## Tell as Markdown what changed in the contract since the last release (or BASE=main)
	@$(RUN) scripts/changes.py

.PHONY: format
format: install ## Put the hand-written code in order
	@$(RUN) -m ruff check --quiet --fix-only $(HAND_WRITTEN)
	@$(RUN) -m ruff format $(HAND_WRITTEN)

.PHONY: lint
lint: install ## Find what is wrong with the hand-written code, its order and its layers
	@$(RUN) -m ruff check $(HAND_WRITTEN)
	@$(RUN) -m ruff format --check $(HAND_WRITTEN)
	@$(RUN) -c 'from importlinter.cli import lint_imports_command as main; main()' --no-logo
	@$(if $(filter Windows_NT,$(OS)),,$(dir $(VENV_PYTHON))hadolint Dockerfile)

.PHONY: typecheck
typecheck: install ## Hold the hand-written and the generated code to strict types
	@$(RUN) -m mypy

.PHONY: test
test: install ## Run the tests, the contract's among them
	@$(RUN) -m pytest -q -n auto -m "not thorough" $(PYTEST)

.PHONY: test-thorough
test-thorough: install ## Run the tests that take long
	@$(RUN) -m pytest -q -n auto -m thorough

.PHONY: coverage
coverage: install ## Run the client's tests, and find what of it they leave out
	@$(RUN) -m pytest -q -n auto -m "not thorough" $(CLIENT_TESTS) --cov

.PHONY: contract
contract: install ## Hold a server to the contract: the sandbox, or BASE_URL=... CUSTOMER_IDS=a,b
	@$(RUN) scripts/contract.py

.PHONY: sandbox
sandbox: install ## Serve the API on http://127.0.0.1:8086/api/v1 (sandbox / sandbox)
	@exec $(RUN) -m trustly_customers sandbox $(SANDBOX)

.PHONY: demo
demo: install ## Update a customer, see it, and check the contract
	@$(RUN) scripts/demo.py

.PHONY: bench
bench: install ## Measure, as ratios against a baseline of the same minute
	@$(RUN) scripts/bench/run.py

.PHONY: build
build: install ## Build the wheel, the sdist and the bill of materials into dist/
	@$(RUN) scripts/build_release.py

.PHONY: publish
publish: install ## Check, build, upload to INDEX_URL=... (as pip names it), and try what an installer gets from there
	@$(RUN) scripts/publish.py

.PHONY: audit
audit: install ## Look what is pinned up among the known vulnerabilities
	@$(RUN) -m pip_audit --strict --require-hashes --disable-pip -r requirements/dev.txt

.PHONY: check checks
check: test checks ## All that CI runs
checks: check-generated lint-spec check-compat lint typecheck coverage test-thorough contract build

.PHONY: mutation
mutation: install ## Change the client (MUTATE=sandbox: that) in small ways, and find what no test notices (most of an hour)
	@$(RUN) scripts/mutation/run.py $(MUTATE)

.PHONY: mutants
mutants: install ## Hold servers with one defect each to the contract, and find what the check misses
	@$(RUN) scripts/mutants/run.py $(MUTANTS)

.PHONY: mutants-drawn
mutants-drawn: install ## The same with DRAWN=200 servers whose defects SEED=... draws, which nobody has thought of
	@$(RUN) scripts/mutants/run.py --drawn $(or $(DRAWN),200) --reports reports/mutants/drawn

.PHONY: test-versions
test-versions: install ## Run the client's tests with the lowest and the newest versions, on each Python here
	@$(RUN) scripts/versions.py

IN_PROCESS := tests.contract_runner.applications:sandbox

.PHONY: contract-seeds
contract-seeds: install ## Hold the sandbox to the contract under random seeds, SEEDS=20 of them, over a socket and in process in turn
	@for round in $$(seq $(or $(SEEDS),20)); do \
	  SEED=$$((RANDOM << 15 | RANDOM)) APP=$$( (( round % 2 )) || echo $(IN_PROCESS)) $(RUN) scripts/contract.py; done

.PHONY: crash
crash: install ## Kill sandboxes and PostgreSQL while they are updated, again and again (ROUNDS=50)
	@CRASH_ROUNDS=$(or $(ROUNDS),50) $(RUN) -m pytest -q tests/sandbox/test_crash.py

.PHONY: nightly
nightly: test-versions contract-seeds mutants crash mutation audit ## What takes too long for each change; also the full contract check
	@SEED=$$((RANDOM << 15 | RANDOM)) $(MAKE) mutants-drawn
	@PROFILE=full $(RUN) scripts/contract.py

.PHONY: clean
clean: ## Delete what make has made, .venv included
	@rm -rf .venv dist reports mutants .cache .hypothesis .schemathesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage*
