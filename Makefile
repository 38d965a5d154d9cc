# The two commands that matter: 'make demo' and 'make test'. Each sets up, builds and runs by itself.
SHELL := /bin/bash
BUILD := build
JOBS ?= $(shell nproc)

.PHONY: all deps build real demo test asan bench lint docs format coverage schemas install clean help

all: build

help:
	@echo "make demo    sets up, builds, and runs the main job on a real control plane"
	@echo "make test    sets up, builds, and passes the tests"
	@echo "make build   leaves the binary at build/mlk"
	@echo "make bench   prints speed and memory as ratios against the peers"
	@echo "make lint    formatting, clang-tidy, layering"
	@echo "make asan    unit tests under the address and undefined-behaviour sanitizers"
	@echo "make docs    writes the command reference: build/docs/reference/index.md, build/man/man1/mlk.1"
	@echo "make deps    installs what a build needs (Debian 12)"
	@echo "make schemas renews the distilled schemas; PIN=NAME@VERSION moves one pin forward"
	@echo "make clean   removes what was built"

deps:
	@packaging/debian/install-build-depends
	@tests/unit/cel/fetch-conformance

build: deps
	@cmake --preset release > $(BUILD).log 2>&1 || { cat $(BUILD).log; rm -f $(BUILD).log; exit 1; }; rm -f $(BUILD).log
	@cmake --build $(BUILD) -j $(JOBS)

docs: build
	@cmake --build $(BUILD) --target docs man
	@echo "$(BUILD)/docs/reference/index.md, and 'man -l $(BUILD)/man/man1/mlk.1'"

# The real control plane and registries that tests and demo run on; built once into a cache outside the tree.
real: deps
	@tests/real/build || { code=$$?; [ $$code -eq 77 ] && echo "the real parts can't be had here: what needs them is skipped" || exit $$code; }

demo: build real
	@tests/demo/run

test: build real
	@cd $(BUILD) && ctest --output-on-failure -j $(JOBS)

asan: deps
	@cmake --preset asan > /dev/null
	@cmake --build build-asan -j $(JOBS) --target unit_tests
	@cd build-asan && ctest --output-on-failure -j $(JOBS) -L '^unit$$'

bench: build real
	@tests/bench/run

lint: deps
	@packaging/lint/run

format:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

coverage: deps real
	@cmake --preset coverage > /dev/null
	@cmake --build build-coverage -j $(JOBS)
	@cd build-coverage && ctest -j $(JOBS) -L '^unit$$' > /dev/null; gcov -n $$(find . -name '*.gcda') 2>/dev/null | tail -1

# Needs Go, jq and a network: the modules hold the CRDs and OpenAPI documents that the schemas are distilled from.
schemas: deps
	@cmake --preset release > /dev/null
	@cmake --build $(BUILD) -j $(JOBS) --target mlk-schemas > /dev/null
	@lib/validation/schemas/renew $(PIN) $(FOLDER)

install: build
	@cmake --install $(BUILD)

clean:
	@rm -rf build build-asan build-coverage
