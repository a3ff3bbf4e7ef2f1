#!/usr/bin/env bash
# Runs every test and prints the runners' own closing lines last.
#
# A runner whose tools are missing says SKIP with the reason. With CI set, that
# is a failure: nothing is skipped silently there.
set -euo pipefail
cd "$(dirname "$0")/.."
logs=.cache/test
rm -rf "$logs"
mkdir -p "$logs"
root=$PWD

step() { # name, command…: run it, keep its output, go on after a failure
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  if ("$@") >"$logs/$name.log" 2>&1 </dev/null; then
    touch "$logs/$name.ok"
    echo "   $name: ok, $((SECONDS - start)) s"
  else
    # A file, since a step may run beside others.
    touch "$logs/$name.failed"
    echo "   $name: FAILED, $((SECONDS - start)) s"
    cat "$logs/$name.log"
  fi
}

skip() { # name, reason
  echo "== $1"
  echo "SKIP $1: $2" | tee "$logs/$1.log"
  if [[ -n ${CI:-} ]]; then touch "$logs/$1.failed"; else touch "$logs/$1.ok"; fi
}

have() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || return 1; done
}

# -short leaves out tests on more than 10,000 rows and those that start the program
# itself: they run without -race. So do these, by why it would see nothing in them.
quiet=(
  # One goroutine does one thing many times over.
  TestManyLinksTakeSeveralCommits TestErasingWhatLinksSay TestEraseRunsForGood TestUndoLeavesNothingButThatItWas
  TestVerifyNames TestVerifyMissesAVanishedActivity TestReadsAgreeWithTheModel TestLoginAgreesWithTheModel
  TestKnownExternalID TestOrderOfInput TestCountStops TestPrefixes TestScope_OnlyOneUsersOwn
  # One request after another, thousands of them. What serves them runs with it in every other test.
  TestFeed_KeepsTheScope TestReportingKeepsTheScope TestReportingEndsWithItsToken TestPolicyOfEveryPath TestNobodySeesWhatOthersDid
  # Every way of failing in every format. TestAnExportThatIsStopped does with it what runs beside.
  TestAnExportThatFailsLeavesNothing
  # Other processes are killed.
  TestKilledProcessesLoseNothing
)
# Names by their beginnings.
tables="^($(IFS='|' && echo "${quiet[*]}"))"
# SQLite, which is C in the form of Go, keeps its memory where the detector does not look: it
# would only be four times as slow. The driver around it is looked at.
race=(-race -gcflags=modernc.org/sqlite/lib=-race=false)
# The longest comes first, beside the others.
packages=(./backend/sqlite . ./backend/...)
# Without -race all of it is compiled once, as the server is: the driver alone takes minutes.
plain() { CGO_ENABLED=0 go test -trimpath "$@"; }
in_frontend() { cd frontend && "$@"; }
# Time limits only end what hangs: a busy machine is no failure.
run_go() { CGO_ENABLED=1 go test "${race[@]}" -short -shuffle=on -timeout 30m -skip "$tables" "${packages[@]}"; }
run_go_plain() { plain -short -shuffle=on -timeout 30m "${packages[@]}"; }
run_go_large() { plain -run "^TestLarge|$tables" -timeout 30m "${packages[@]}"; }
run_program() { plain -count=1 -timeout 30m .; }
run_system() { ACTIVITYLOG_BINARY=$root/build/bin/activitylog-server plain -count=1 -v -timeout 30m ./system/...; }
run_binaries() { make --no-print-directory binary server; }
run_svelte_check() { in_frontend npm run --silent check; }
run_vitest() { in_frontend npm test --silent; }
run_browser() { in_frontend env ACTIVITYLOG_BINARY="$root/build/bin/activitylog-server" npm run --silent e2e; }
run_window() {
  ACTIVITYLOG_BINARY=$root/build/bin/activitylog plain -count=1 -tags window -run '^TestWindow' -v -timeout 30m .
}

# Much of this keeps one processor busy only, so two lines of it run side by side, and
# whichever is free takes what nobody has begun.
each() { # name…: those that are not begun, in this order
  local name
  for name in "$@"; do
    if mkdir "$logs/$name.begun" 2>/dev/null; then step "$name" "run_${name//-/_}"; fi
  done
}
names=(go go-large program binaries svelte-check vitest system browser window)
first=go
if ! have gcc; then
  skip go "no C compiler for the race detector (apt-get install gcc)"
  first=go-plain
  names+=("$first")
fi
each "$first" go-large program &
lane=$!
# What runs beside does not hear of Ctrl-C.
trap 'trap - TERM && kill 0' INT TERM
# One after another: system needs the binaries, and two of them write the page's messages.
each binaries svelte-check vitest system go-large program
wait "$lane" || true # what it did not do is missing in the end
trap - INT TERM
# What draws and waits for pictures comes after, alone.
if [[ -n ${CHROMIUM:-} ]] || have chromium || have chromium-browser || have google-chrome; then
  each browser
else
  skip browser "no Chromium (apt-get install chromium)"
fi
if ! pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null; then
  skip window "no GTK and WebKit headers (apt-get install libgtk-3-dev libwebkit2gtk-4.1-dev)"
elif have Xvfb xdotool import; then
  each window
else
  skip window "no Xvfb, xdotool or ImageMagick (apt-get install xvfb xdotool imagemagick)"
fi

echo
echo "== closing lines of the runners"
grep -hE '^(ok|FAIL|---)\s' "$logs"/{go,go-plain,go-large,program,system}.log 2>/dev/null | grep -vE 'no tests to run|^--- PASS' || true
for name in svelte-check vitest browser window; do
  if [[ -f $logs/$name.log ]]; then echo "-- $name" && { grep -v '^\s*$' "$logs/$name.log" || true; } | tail -n 6; fi
done
failed=()
for name in "${names[@]}"; do
  # Not only what says that it failed: a step may have been killed.
  if [[ ! -e $logs/$name.ok || -e $logs/$name.failed ]]; then failed+=("$name"); fi
done
if ((${#failed[@]})); then
  echo "FAILED: ${failed[*]}"
  exit 1
fi
echo "All passed in $SECONDS s."
