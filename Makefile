# Everything a person or the CI does here is a target of this file.
#
#   make run      the window, or without a display the server
#   make test     every test: Go, front end, browser, window
#   make check    what a change must pass before it lands: lint, generated files, Windows, tests
#   make build    build/bin/activitylog, with the window where GTK is at hand
#
# Set-up needs no step of its own: each target installs what it lacks (build/setup.sh).

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BIN     := build/bin/activitylog
SERVER  := build/bin/activitylog-server
TOOLS   := .cache/bin
LINTER  := $(TOOLS)/golangci-lint-v2.15.0
LDFLAGS := -s -w -X main.version=$(VERSION)
# GTK headers decide whether the window can be compiled in.
WINDOW  := $(shell pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null && echo desktop,production,webkit2_41)

FRONT_SOURCES := $(shell find frontend/src frontend/messages frontend/project.inlang frontend/index.html \
	frontend/vite.config.ts frontend/svelte.config.js frontend/package.json -type f -not -path '*/paraglide/*' 2>/dev/null)

.PHONY: help run setup frontend build server test check lint bench e2e window fuzz generate format clean

help: ## say what there is
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what this machine lacks to run every test
	@build/setup.sh tests

run: build ## open the window; without a display, serve
	@build/run.sh $(BIN)

# --- front end ------------------------------------------------------------

# Installed again only when the lock file has changed. npm ci refuses the lock file
# where the registry lacks optional packages for other systems; npm install follows
# the same versions without them, and --no-save leaves the file as it is.
frontend/node_modules/.stamp: frontend/package-lock.json
	@echo "Installing the packages of the front end"
	@cd frontend && { npm ci --no-audit --no-fund --loglevel=silent || npm install --no-save --no-audit --no-fund --loglevel=error; }
	@touch $@

frontend/dist/index.html: frontend/node_modules/.stamp $(FRONT_SOURCES)
	@echo "Building the page"
	@cd frontend && npm run --silent build
	@touch $@ frontend/dist/.gitkeep

frontend: frontend/dist/index.html ## build the interface
	@:

# --- binaries -------------------------------------------------------------

build: ## build/bin/activitylog
	@build/setup.sh window
	@$(MAKE) --no-print-directory binary

.PHONY: binary
binary: frontend
ifeq ($(WINDOW),)
	@echo "No GTK and WebKit headers (libgtk-3-dev, libwebkit2gtk-4.1-dev): building without the window."
	go build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) .
else
	go build -trimpath -tags $(WINDOW) -ldflags '$(LDFLAGS)' -o $(BIN) .
endif

server: frontend ## build/bin/activitylog-server: the same source without the window; needs no C compiler
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(SERVER) .

.PHONY: windows
windows: frontend ## build/bin/activitylog.exe, cross-compiled
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -tags desktop,production -ldflags '$(LDFLAGS) -H windowsgui' -o build/bin/activitylog.exe .

# --- tests ----------------------------------------------------------------

test: setup ## every test; the runners' own closing lines come last
	@$(MAKE) --no-print-directory frontend
	@build/test.sh

check: setup lint ## lint, generated files, Windows, then every test
	@$(MAKE) --no-print-directory windows
	@build/drift.sh
	@$(MAKE) --no-print-directory test

lint: $(LINTER) frontend/node_modules/.stamp frontend ## golangci-lint and eslint
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt these:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet . ./backend/... ./system/...
	$(LINTER) run . ./backend/... ./system/...
	$(LINTER) run --build-tags desktop,production,webkit2_41,window .
	@build/lengths.sh
	cd frontend && npm run --silent lint

$(LINTER):
	@mkdir -p $(TOOLS)
	GOBIN="$(CURDIR)/$(TOOLS)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
	@mv $(TOOLS)/golangci-lint $@

format: $(LINTER) ## rewrite Go files the one way
	$(LINTER) fmt . ./backend/... ./system/...

e2e: setup ## the page in Chromium against the real binary
	@$(MAKE) --no-print-directory server
	cd frontend && ACTIVITYLOG_BINARY="$(CURDIR)/$(SERVER)" npm run --silent e2e

window: setup ## the real window under Xvfb, driven by keys
	@$(MAKE) --no-print-directory binary
	@test -n "$(WINDOW)" || { echo "SKIP window: no GTK and WebKit headers"; exit 0; }
	ACTIVITYLOG_BINARY="$(CURDIR)/$(BIN)" go test -count=1 -tags window -run '^TestWindow' -timeout 30m -v .

bench: setup ## figures beside those of plain SQLite (docs/benchmarks.md); ROWS=1000000
	@$(MAKE) --no-print-directory server
	@build/bench.sh "$${ROWS:-1000000}"

fuzz: ## each parser for TIME (30s)
	@build/fuzz.sh $${TIME:-30s}

generate: ## TypeScript types from Go
	go tool tygo generate

clean: ## forget what was built; keeps what was downloaded
	rm -rf build/bin .cache/test frontend/dist/* frontend/src/lib/paraglide
