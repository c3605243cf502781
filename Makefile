# Two commands need nothing but python3, a C compiler, make and a package index: `make demo` and `make test`.
# Everything happens in a private .venv; stamps make a second run quick.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install -qq --disable-pip-version-check
RULES ?= engine/cli/demo/rules.yaml
LISTEN ?= 127.0.0.1:50051
PAIRS ?= 1000000
SEQUENCES ?= 10000
SEED ?= 1
FULL ?= 0
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-wrapv
SANITIZED = LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libubsan.so)" PYTHONMALLOC=malloc \
	ASAN_OPTIONS=detect_leaks=0:malloc_fill_byte=205:max_malloc_fill_size=1000000000 UBSAN_OPTIONS=print_stacktrace=1
BENCH_OPTIONS := -q -p no:cacheprovider -p no:xdist -o timeout=900 --benchmark-disable-gc --benchmark-quiet \
	--benchmark-json=build/bench/results.json

SOURCES := setup.py $(wildcard $(addprefix engine/_native/,*.pyx *.pxd */*.pyx */*.pxd) protos/engine/v1/*.proto)

.PHONY: help demo test lint serve build retail bench load swaps search stress prove sanitize clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: build ## price real carts through a running service and print the receipts
	@echo "demo: starting the service, sending it carts"
	@$(BIN)/cartwright demo

test: lint ## lint, then run every test
	@echo "test: running the tests"
	@$(BIN)/python -m pytest -q -n 2

lint: build ## ruff, mypy and cython-lint
	@echo "lint: ruff, mypy, cython-lint"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy --no-error-summary
	@PATH="$(BIN):$$PATH" cython-lint engine/_native

serve: build ## keep the service up: make serve [RULES=FILE] [LISTEN=HOST:PORT]
	@echo "serve: $(RULES) on $(LISTEN), until Ctrl-C"
	@$(BIN)/cartwright serve --rules $(RULES) --listen $(LISTEN)

retail: build ## price every cart of Online Retail II: make retail DATA=FILE
	@$(if $(DATA),,echo "retail: say where the data is: make retail DATA=FILE" >&2; exit 1)
	@echo "retail: pricing every cart of $(DATA)"
	@$(BIN)/python -m bench.online_retail "$(DATA)"

bench: build ## time pricing over sizes of carts and rule sets: make bench [FULL=1]
	@echo "bench: pricing, table and figures in build/bench"
	@mkdir -p build/bench
	@FULL=$(FULL) $(BIN)/python -m pytest bench $(BENCH_OPTIONS)
	@$(BIN)/python -m bench.sizes
	@FULL=$(FULL) $(BIN)/python -m bench.costs
	@$(BIN)/python -m bench.kinds
	@$(BIN)/python -m bench.explaining
	@$(BIN)/python -m bench.grpc_overhead
	@$(BIN)/python -m bench.report

load: build ## mutate carts through a running service, check what it answers: make load [CARTS=FILE [RULES=FILE]]
	@echo "load: starting the service, mutating carts"
	@$(BIN)/python -m bench.load $(if $(CARTS),--rules "$(RULES)" --carts "$(CARTS)")

swaps: build ## swap rule sets on four replicas under load and check every answer
	@echo "swaps: starting Redis and four replicas, publishing"
	@$(BIN)/python -m bench.swaps

stress: build ## kill redeeming services, clients and Redis at random, then count every unit and cent
	@echo "stress: redeeming and killing for a minute"
	@$(BIN)/python -m bench.stress --seconds 60

search: build ## time the search for the best set of promotions
	@echo "search: searching"
	@$(BIN)/python -m bench.search
	@$(BIN)/python -m bench.hostile

prove: build ## price random pairs twice, and follow mutations: make prove [PAIRS=1000000] [SEQUENCES=10000] [SEED=1]
	@echo "prove: pricing everything twice"
	@$(BIN)/python -m tests.prove --pairs $(PAIRS) --seed $(SEED)
	@$(BIN)/python -m tests.sequences --count $(SEQUENCES) --seed $(SEED)

sanitize: build ## compile for the sanitizers of gcc, then price random and damaged inputs: make sanitize [SEED=1]
	@echo "sanitize: compiling into build/sanitized, which takes some minutes"
	@rm -rf build/sanitized && mkdir -p build/sanitized
	@cp -rp engine protos tests setup.py pyproject.toml README.md build/sanitized && find build/sanitized/engine -name '*.so' -delete
	@cd build/sanitized && CFLAGS="$(SANITIZERS) -O1 -g1" LDFLAGS="$(SANITIZERS)" \
		../../$(BIN)/python setup.py --quiet build_ext --inplace
	@echo "sanitize: pricing"
	@cd build/sanitized && $(SANITIZED) ../../$(BIN)/python -m tests.damage --count 500 --seed $(SEED)
	@cd build/sanitized && $(SANITIZED) ../../$(BIN)/python -m tests.sequences --count 200 --seed $(SEED)

build: .venv/built ## make the .venv and compile the native core

clean: ## remove the .venv and all that was generated
	@echo "clean: removing .venv and generated files"
	@rm -rf .venv build engine/v1 *.egg-info
	@find engine/_native -name '*.c' -delete -o -name '*.so' -delete -o -name '*.html' -delete
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks

or_say = >/dev/null 2>&1 || { echo "build: $(1)" >&2; exit 1; }

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11)' $(call or_say,needs Python 3.11 or newer: PYTHON=/path/to/python3)
	@$(PYTHON) -c 'import ensurepip' $(call or_say,needs venv and pip in $(PYTHON) (on Debian: apt install python3-venv))
	@command -v $(CC) $(call or_say,needs a C compiler (on Debian: apt install gcc))
	@echo '#include <Python.h>' | $(CC) -E -I"$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')" - \
		$(call or_say,needs the C headers of $(PYTHON) (on Debian: apt install python3-dev))
	@echo "build: installing into .venv, which takes some minutes the first time"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(PIP) --requirement /dev/stdin
	@$(PIP) --no-build-isolation --editable '.[dev,bench,embedded]'
	@touch $@

# pip compiles everything when it installs; after that only what changed is compiled again.
.venv/built: .venv/installed $(SOURCES)
	@$(if $(filter $<,$?),,echo "build: compiling what changed"; $(BIN)/python setup.py --quiet build_ext --inplace)
	@touch $@
