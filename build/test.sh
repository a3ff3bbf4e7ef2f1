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
  if [[ -n ${CI:-} ]]; then touch "$logs/$1.failed"; fi
}

have() {
  local tool
  for tool in "$@"; do command -v "$tool" >/dev/null || return 1; done
}

# -short leaves out tests on more than 10,000 rows and those that start the program
# itself: they run without -race.
# Nor does it help what one goroutine does many times over, or processes that are
# killed, of which the detector sees one: those run without it too.
tables='^(TestManyLinksTakeSeveralCommits|TestErasingWhatLinksSay|TestEraseRunsForGood|TestUndoLeavesNothingButThatItWas|TestVerifyNames|TestReadsAgreeWithTheModel|TestLoginAgreesWithTheModel|TestKnownExternalID|TestOrderOfInput|TestCountStops|TestPrefixes|TestVerifyMissesAVanishedActivity|TestScrubBesideOthers|TestManyProcessesOneLog|TestARunIsEnded|TestARunGoesOn|TestDryRunIsWhatGoes|TestKilledProcessesLoseNothing|TestAnExportThatFailsLeavesNothing|TestScope_OnlyOneUsersOwn|TestFeed_KeepsTheScope|TestReportingKeepsTheScope|TestReportingEndsWithItsToken|TestPolicyOfEveryPath|TestNobodySeesWhatOthersDid)'
# The longest comes first, beside the others.
packages=(./backend/sqlite . ./backend/...)
# Without -race all of it is compiled once, as the server is: the driver alone takes minutes.
plain() { CGO_ENABLED=0 go test -trimpath "$@"; }
# Time limits only end what hangs: a busy machine is no failure.
go_race() { CGO_ENABLED=1 go test -race -short -shuffle=on -timeout 30m -skip "$tables" "${packages[@]}"; }
go_plain() { plain -short -shuffle=on -timeout 30m "${packages[@]}"; }
go_large() { plain -run "^TestLarge|$tables" -timeout 30m "${packages[@]}"; }
go_program() { plain -count=1 -timeout 30m .; }
in_frontend() { cd frontend && "$@"; }
go_system() { ACTIVITYLOG_BINARY=$root/build/bin/activitylog-server plain -count=1 -v -timeout 30m ./system/...; }
binaries() { make --no-print-directory binary server; }
window_test() {
  ACTIVITYLOG_BINARY=$root/build/bin/activitylog plain -count=1 -tags window -run '^TestWindow' -v -timeout 30m .
}

# Much of this keeps one processor busy only, so two lines of it run side by side. What
# draws and waits for pictures comes after, alone.
if have gcc; then step go go_race & else step go go_plain & fi
step svelte-check in_frontend npm run --silent check
step vitest in_frontend npm test --silent
step binaries binaries
step go-large go_large
step program go_program
step system go_system
wait
if [[ -n ${CHROMIUM:-} ]] || have chromium || have chromium-browser || have google-chrome; then
  step browser in_frontend env ACTIVITYLOG_BINARY="$root/build/bin/activitylog-server" npm run --silent e2e
else
  skip browser "no Chromium (apt-get install chromium)"
fi
if ! pkg-config --exists gtk+-3.0 webkit2gtk-4.1 2>/dev/null; then
  skip window "no GTK and WebKit headers (apt-get install libgtk-3-dev libwebkit2gtk-4.1-dev)"
elif have Xvfb xdotool import; then
  step window window_test
else
  skip window "no Xvfb, xdotool or ImageMagick (apt-get install xvfb xdotool imagemagick)"
fi

echo
echo "== closing lines of the runners"
grep -hE '^(ok|FAIL|---)\s' "$logs"/{go,go-large,program,system}.log | grep -vE 'no tests to run|^--- PASS' || true
for name in svelte-check vitest browser window; do
  [[ -f $logs/$name.log ]] && { echo "-- $name"; grep -v '^\s*$' "$logs/$name.log" | tail -n 6; }
done
failed=$(find "$logs" -name '*.failed' -printf '%f ' | sed 's/\.failed//g')
if [[ -n $failed ]]; then
  echo "FAILED: $failed"
  exit 1
fi
echo "All passed in $SECONDS s."
