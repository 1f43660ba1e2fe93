# Terrace from a fresh checkout. Every recipe first looks for what the build needs
# (deploy/setup.sh), so `make demo` and `make test` do their own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# A toolchain freshly installed by rustup is found even before the shell has been restarted.
CARGO_HOME_BIN := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin
export PATH := $(PATH):$(CARGO_HOME_BIN)

TARGET := $(or $(CARGO_TARGET_DIR),target)
BINARIES := $(TARGET)/release

# How many simulated federations, and the first of their seeds.
SEEDS ?= 20
FIRST ?= 1
# Further arguments of the demo, for example ARGS="--once --json --data /tmp/terrace".
ARGS ?=
# Optional input: real messages for the endurance run, and the rival the benchmark is held against.
INPUT ?= $(wildcard ../shared/data/complaints/petitions_zh_dev.ndjson)
BASELINE ?= $(wildcard ../shared/perf/pg_logical_replication.sh)

.PHONY: help setup demo test check contract proof sim bench

help: ## list the targets (the default)
	@echo "Terrace: make TARGET"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r target meaning; do printf '%-9s %s\n' "$$target" "$$meaning"; done

setup: ## look for what the build needs beyond Rust; as root on Debian, install it
	@sh deploy/setup.sh

demo: setup ## five offices on this machine play a story and stay to be looked at, until Ctrl-C (ARGS=...)
	cargo build --release -p terrace-hub -p terrace-node
	$(BINARIES)/terrace-hub demo $(ARGS)

# Integration tests whose stores are their own, whatever TERRACE_STORE asks for: one run says all they can say.
ONCE := attacks conformance import journeys rooms simulation tidy
TESTS := $(patsubst tests/tests/%.rs,%,$(patsubst %/main.rs,%.rs,$(wildcard tests/tests/*.rs tests/tests/*/main.rs)))
# Offices mostly wait for one another: more tests at a time than there are processors.
AT_A_TIME := --test-threads=4

PROGRAMS := --bin terrace-hub --bin terrace-node

# The programs are built in the same pass as the tests, since offices are started as processes. Measurements have no tests
# and comments no examples, so nothing is built for those.
test: ## everything CI needs: unit, conformance, simulation with fixed seeds, journeys, outside readers, over SQLite and over PostgreSQL
	@sh deploy/setup.sh --tests
	@sh tests/clients/prepare.sh $(TARGET)/clients || echo "the outside reader in Python will be SKIPPED, for the reason above"
	cargo build --workspace $(PROGRAMS) --test '*'
	cargo test --workspace --lib $(PROGRAMS) --test '*' -- $(AT_A_TIME)
	@echo "the same offices once more, with their stores in PostgreSQL"
	TERRACE_STORE=postgres cargo test --workspace $(addprefix --test ,$(filter-out $(ONCE),$(TESTS))) -- $(AT_A_TIME)

check: setup contract ## formatting, lints, fast tests, documentation, the wire contract, purity of proto, licences
	cargo fmt --all --check
	@echo "purity of terrace-proto"
	@tree="$$(cargo tree --locked -p terrace-proto -e normal --prefix none)"; \
	if grep -E '^(tokio|tonic|sqlx)([-_][a-z0-9_-]+)? ' <<<"$$tree"; then \
		echo "terrace-proto must stay pure: it may not depend on what is named above" >&2; exit 1; \
	fi
	cargo clippy --workspace --all-targets -- -D warnings
	cargo test --workspace --lib --test tidy
	RUSTDOCFLAGS="-D warnings -A rustdoc::private_intra_doc_links" cargo doc --workspace --no-deps --quiet
	@if cargo deny --version >/dev/null 2>&1; then \
		echo "cargo deny check bans licenses sources"; cargo deny check bans licenses sources; \
	else \
		echo "cargo-deny is absent: bans, licences and sources were NOT checked (cargo install --locked cargo-deny)"; \
	fi

contract: ## lint the wire contract and look for breaks in it (where npm is present)
	@sh proto/contract.sh $(TARGET)/buf

# One build of all that measures: built apart, the libraries they share would be built twice, with other features.
MEASURES := cargo build --release -p terrace-hub -p terrace-node -p terrace-tests --bins
SIMULATE = $(BINARIES)/sim --seeds $(SEEDS) --first $(FIRST)
MEASURE_A_HOP = $(BINARIES)/bench $(if $(BASELINE),--baseline $(BASELINE))

proof: SEEDS = 200
proof: setup ## everything longer: 200 simulated federations, twenty demos with the town killed, benchmarks
	$(MEASURES)
	$(SIMULATE)
	cargo test --release -p terrace-tests --test desks -- --include-ignored certificates:: national::
	$(BINARIES)/store_bench
	$(BINARIES)/journals_bench
	$(BINARIES)/past_bench --rows 10000000
	$(BINARIES)/endurance $(if $(INPUT),--input $(INPUT))
	$(MEASURE_A_HOP)
	$(BINARIES)/import_bench --megabytes 1000
	$(BINARIES)/audit_bench
	$(BINARIES)/seal_bench
	$(BINARIES)/messages_bench $(if $(INPUT),--input $(INPUT))

sim: setup ## simulated federations, one per seed (SEEDS=20 FIRST=1)
	$(MEASURES)
	$(SIMULATE)

bench: setup ## drain 200,000 entries over one hop, beside PostgreSQL where present
	$(MEASURES)
	$(MEASURE_A_HOP)
