# Postigo. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The steps share one cargo target folder, and cargo uses every core itself.
.NOTPARALLEL:

# rustup puts cargo here; a shell that is older than the installation does not know it yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

# In CI a checkout is thrown away. What was built for it is kept outside, to save time; nothing relies on it.
ifdef CI
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/postigo/target
export CARGO_INCREMENTAL := 0
endif

TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# One mail crate states a newer compiler than it needs.
CARGO_FLAGS := --ignore-rust-version --locked
# The window takes its pages from the binary, not from a development server. Named everywhere, so that nothing is built twice.
ALL := --workspace --features tauri/custom-protocol
PROGRAMS := -p postigo -p postigo-desktop --features tauri/custom-protocol
# A screen of its own for tests with windows, and a session bus.
ON_A_SCREEN := dbus-run-session -- xvfb-run --auto-servernum --server-args='-screen 0 1280x900x24'

DATA ?= $(or $(XDG_DATA_HOME),$(HOME)/.local/share)/postigo
HTTP ?= 127.0.0.1:8025

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

# ---- running -------------------------------------------------------------------------------------------------------

.PHONY: run
run: build ## build and open the application; without a display: the server, with its address to open
	@if [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	  exec $(TARGET)/release/postigo-desktop; \
	else \
	  echo "There is no display here, so this is the server alone. Open the address it prints in a browser."; \
	  exec $(TARGET)/release/postigo --data "$(DATA)" serve --http $(HTTP); \
	fi

# ---- building ------------------------------------------------------------------------------------------------------

.PHONY: build
build: ui/dist/index.html ## the release programs, in $CARGO_TARGET_DIR/release or target/release
	cargo build --release $(CARGO_FLAGS) $(PROGRAMS)

.PHONY: tools
tools:
	@packaging/install-deps.sh build
	@packaging/check-tools.sh

.PHONY: test-tools
test-tools: tools
	@packaging/install-deps.sh test
	@packaging/second-mail-server.sh

# npm writes this file last.
ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json | tools
	cd ui && npm ci
	@touch $@

UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -path ui/src/lib/paraglide -prune -o -type f -print 2>/dev/null)
ui/dist/index.html: $(UI_SOURCES) ui/node_modules/.package-lock.json | tools
	cd ui && npm run build
	@touch $@

.PHONY: types
types: | tools ## write the TypeScript of the API
	cargo test $(CARGO_FLAGS) -p postigo-api --test typescript -- --quiet

.PHONY: icons
icons: ## draw the pictures in icons/ again
	icons/make.sh

.PHONY: bundle
bundle: build ## the Debian packages, in .../release/bundle/deb
	packaging/stage.sh $(TARGET)/release/postigo
	rm -f $(TARGET)/release/bundle/deb/*.deb
	cd src-tauri && ../ui/node_modules/.bin/tauri bundle --bundles deb
	packaging/mta.sh $(TARGET)/release/bundle/deb/Postigo_*.deb

# ---- checking ------------------------------------------------------------------------------------------------------

.PHONY: test
test: test-tools lint licences check-types ui-test rust-test system-test deb-test ## install what is missing and run every test

.PHONY: check
check: lint check-types ui-test ## what is quick to check before a commit

.PHONY: lint
lint: ui/dist/index.html ## formatting and lints; warnings are errors
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) $(ALL) --all-targets -- -D warnings

.PHONY: fmt
fmt: ui/node_modules/.package-lock.json ## format everything
	cargo fmt --all
	cd ui && npm run format

.PHONY: licences
licences: | tools ## that every dependency has a licence that deny.toml allows
	packaging/check-licences.py

# The test writes the file anew; a checked-in file that changes by that was not current.
.PHONY: check-types
check-types: | tools
	@before=$$(sha256sum ui/src/api/bindings.ts); \
	$(MAKE) --no-print-directory types; \
	if [ "$$before" != "$$(sha256sum ui/src/api/bindings.ts)" ]; then \
	  echo "ui/src/api/bindings.ts was not current. It is now: commit it." >&2; exit 1; \
	fi

.PHONY: ui-test
ui-test: ui/node_modules/.package-lock.json ## checks and unit tests of the user interface
	cd ui && npm run check && npm test

# No crate has examples in its documentation. When one gets some, `cargo test --doc` belongs here.
.PHONY: rust-test
rust-test: ui/dist/index.html ## unit and protocol tests of all crates
	@if command -v cargo-nextest > /dev/null; then \
	  cargo nextest run $(CARGO_FLAGS) $(ALL) --exclude postigo-tests; \
	else \
	  cargo test $(CARGO_FLAGS) $(ALL) --exclude postigo-tests --lib --bins --tests; \
	fi

.PHONY: system-test
system-test: ui/dist/index.html test-tools ## real programs, real windows, on a screen of their own
	cargo build $(CARGO_FLAGS) $(ALL)
	POSTIGO_BIN=$(TARGET)/debug/postigo POSTIGO_DESKTOP_BIN=$(TARGET)/debug/postigo-desktop \
	  $(ON_A_SCREEN) cargo test $(CARGO_FLAGS) -p postigo-tests

.PHONY: deb-test
deb-test: bundle test-tools ## that the packages are sound, install, open and are removed cleanly
	$(ON_A_SCREEN) packaging/test-deb.sh $(TARGET)/release/bundle/deb/Postigo_*.deb $(TARGET)/release/bundle/deb/postigo-mta_*.deb

.PHONY: bench
bench: build test-tools ## throughput beside Postfix, memory, start-up
	POSTIGO_BIN=$(TARGET)/release/postigo POSTIGO_DESKTOP_BIN=$(TARGET)/release/postigo-desktop \
	  $(ON_A_SCREEN) cargo run --release $(CARGO_FLAGS) -p postigo-tests --bin bench

.PHONY: clean
clean: ## remove what was built
	cargo clean
	rm -rf ui/dist ui/node_modules packaging/stage
