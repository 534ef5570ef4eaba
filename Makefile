# Everything a person or a CI machine needs. Start with `make demo`; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
TASK ?= Land softly between the flags
ENV ?= box2d/LunarLander-v3
JOBS ?= 2
ARGS ?=

BIN := .venv/bin
# Several processes with one thread each: more threads than cores make small networks slower, not faster.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMEXPR_NUM_THREADS=1

.DEFAULT_GOAL := help
.PHONY: help demo test test-vllm check format docs bench bench-quick bench-rewards bench-library setup setup-dev clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20
	@echo "  variables: PYTHON TASK ENV JOBS ARGS TORCH_INDEX"

demo: setup ## set everything up, then turn one sentence into a stored skill
	@$(BIN)/skillwright run "$(TASK)" --env "$(ENV)" $(ARGS)

test: setup-dev ## set everything up, then run all tests
	@$(ONE_THREAD) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

test-vllm: setup-dev ## test against a real vLLM server on CPU, in .venv-vllm: 3 GB, some minutes
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" $(ONE_THREAD) sh tests/vllm/run.sh $(BIN)/python $(ARGS)

check: setup-dev ## lint, format, types, floors, sizes, generated docs
	@echo "ruff check";    $(BIN)/ruff check .
	@echo "ruff format";   $(BIN)/ruff format --check .
	@echo "mypy";          $(BIN)/python -m mypy
	@echo "pyright";       $(BIN)/python -m pyright --pythonpath $(BIN)/python
	@echo "import-linter"; $(BIN)/lint-imports --no-cache --no-logo >.venv/floors.log || { cat .venv/floors.log; exit 1; }
	@echo "size gate";     $(BIN)/python tools/size_gate.py src tools benchmarks
	@echo "docs";          $(BIN)/python tools/generate_docs.py --check

format: setup-dev ## write what ruff can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

docs: setup-dev ## write the generated pages of docs/
	@$(BIN)/python tools/generate_docs.py

bench: ## measure us against other trainers (over 2 h on a quiet machine), then write docs/benchmarks.md
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh tools/setup_venv.sh learn,mujoco,bench
	@$(ONE_THREAD) $(BIN)/python -m benchmarks run $(ARGS)
	@$(BIN)/python -m benchmarks report

bench-quick: ## see in 3 minutes that the benchmarks work; their figures mean nothing
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh tools/setup_venv.sh learn,mujoco,bench
	@$(ONE_THREAD) $(BIN)/python -m benchmarks run --quick $(ARGS)
	@$(BIN)/python -m benchmarks report --quick

bench-rewards: ## compare where rewards come from (a day; ARGS=--quick: 15 min), then write docs/reward-benchmark.md
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh tools/setup_venv.sh learn,mujoco,bench,models
	@$(ONE_THREAD) $(BIN)/python -m benchmarks.rewards $(ARGS)

bench-library: ## measure what searches of 100,000 skills cost and find, then write docs/library-benchmark.md
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh tools/setup_venv.sh learn,mujoco,bench
	@$(ONE_THREAD) $(BIN)/python -m benchmarks.library $(ARGS)

setup: ## make .venv with what a run needs
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh tools/setup_venv.sh learn

setup-dev: ## make .venv with the developers' tools too
	@PYTHON="$(PYTHON)" TORCH_INDEX="$(TORCH_INDEX)" sh tools/setup_venv.sh learn,mujoco,curves,models,embeddings,keyring,export,experience,otel,dev

clean: ## remove .venv, caches and build products
	@rm -rf .venv .venv-vllm build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	@find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
