//go:build bench

package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
)

// The bulk runs in a process of its own, so that its memory can be told from that of
// plain SQLite and of this test. It is told the first slice of its turn and the one
// after the last on its input, and answers with nanoseconds on its output.
const (
	bulkMark = "figures:"
	bulkDone = "done"
)

// The two users of the figures. Ann can sign in to the log that is left behind.
var figureUsers = []account.CreateUserIn{
	{Login: "ann", Email: "ann@example.org", Name: "Ann Archer", Password: "four calm otters rowing"},
	{Login: "bo", Email: "bo@example.org", Name: "Bo Baker", Password: "five calm otters rowing"},
}

func TestFiguresBulk(t *testing.T) {
	if !*figureChild {
		t.Skip("started by TestFigures")
	}
	beat := make(chan struct{})
	db, err := Open(t.Context(), figureOptions(*figureDir, beat))
	if err != nil {
		t.Fatal(err)
	}
	createUsers(t, db)
	say := func(n int64) { fmt.Printf("%s%d\n", bulkMark, n) }
	say(0)
	for in := bufio.NewScanner(os.Stdin); in.Scan() && in.Text() != bulkDone; {
		var first, end int
		if _, err := fmt.Sscan(in.Text(), &first, &end); err != nil {
			t.Fatal(err)
		}
		var took, busy time.Duration
		for slice := first; slice < end; slice++ {
			list := figureBodies(*figureRows, slice)
			begin, before := time.Now(), processorTime()
			beat <- struct{}{}
			appendAll(t, db, list)
			if slice == end-1 { // what was left for later must not disturb plain SQLite's turn
				db.checkpointWAL(t.Context(), db.maintenance, "FULL")
			}
			took, busy = took+time.Since(begin), busy+processorTime()-before
		}
		say(int64(took))
		say(int64(busy))
	}
	say(residentPeak())
	begin := time.Now()
	rest(db)
	say(int64(time.Since(begin)))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	say(0)
}

func createUsers(t testing.TB, db *DB) {
	t.Helper()
	// Before all rows: plain SQLite has no such rows, behind which its own would be put in.
	past := func() time.Time { return figureStart.Add(-time.Hour) }
	service := account.New(account.Options{Store: NewAccounts(db), Passwords: access.NewPasswords(access.Strong()), Now: past})
	ctx := access.With(t.Context(), access.Principal{Login: "owner", Role: access.Super, Owner: true, Door: access.CLI})
	first := figureUsers[0]
	_, err := service.SetUp(ctx, account.SetUpIn{Login: first.Login, Email: first.Email, Name: first.Name, Password: first.Password})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.CreateUser(ctx, figureUsers[1]); err != nil {
		t.Fatal(err)
	}
}

// residentPeak is the most memory this process had, in bytes; 0 where it is not told.
func residentPeak() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	n, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(strings.SplitN(after, "\n", 2)[0]), " kB"), 10, 64)
	return n << 10
}

// processorTime is what this process has used so far, to a hundredth of a second; 0
// where it is not told. Other programs add little to it, unlike to the time.
func processorTime() time.Duration {
	stat, _ := os.ReadFile("/proc/self/stat")
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// rest lets the writer do all it puts off while others wait.
func rest(db *DB) {
	idle(db)
	db.checkpointWAL(context.Background(), db.maintenance, "FULL")
}

// A bulkProcess is the other side of TestFiguresBulk.
type bulkProcess struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

func startBulk(t testing.TB, dir string) *bulkProcess {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestFiguresBulk$", "-test.timeout=2h", "-child", "-rows", strconv.Itoa(*figureRows), "-dir", dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &bulkProcess{t, cmd, in, bufio.NewScanner(out)}
	p.read()
	return p
}

func (p *bulkProcess) read() int64 {
	p.t.Helper()
	for p.out.Scan() {
		text, ok := strings.CutPrefix(p.out.Text(), bulkMark)
		if n, err := strconv.ParseInt(text, 10, 64); ok && err == nil {
			return n
		}
		fmt.Println(p.out.Text()) // what a failing test says
	}
	p.t.Fatal("the bulk process ended early")
	return 0
}

func (p *bulkProcess) turn(first, end int) (time.Duration, time.Duration) {
	p.t.Helper()
	fmt.Fprintln(p.in, first, end)
	took := time.Duration(p.read())
	return took, time.Duration(p.read())
}

func (p *bulkProcess) end() (resident int64, rested time.Duration) {
	p.t.Helper()
	fmt.Fprintln(p.in, bulkDone)
	resident = p.read()
	rested = time.Duration(p.read())
	p.read()
	p.in.Close()
	for p.out.Scan() {
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Fatal(err)
	}
	return resident, rested
}

// bulk builds both databases, a few slices in turn, and prints how long that took.
func bulk(t testing.TB, s *sheet, dir string, p *plain, maker *plainMaker) {
	child := startBulk(t, dir)
	slices := (*figureRows + figureSlice - 1) / figureSlice
	turn := min(max(slices/5, 1), 10)
	var ours, others, ratios, ready []float64
	var sumA, sumB, busyA, busyB time.Duration
	for first := 0; first < slices; first += turn {
		end := min(first+turn, slices)
		rows := float64(min(end*figureSlice, *figureRows) - first*figureSlice)
		a, busy := child.turn(first, end)
		var b, making time.Duration
		for i := first; i < end; i++ {
			bodies := figureBodies(*figureRows, i)
			begin, before := time.Now(), processorTime()
			list := maker.rows(t, bodies)
			making += time.Since(begin)
			p.insert(t, list)
			b, busyB = b+time.Since(begin), busyB+processorTime()-before
		}
		ours, others = append(ours, rows/a.Seconds()), append(others, rows/b.Seconds())
		ratios, ready = append(ratios, b.Seconds()/a.Seconds()), append(ready, (b-making).Seconds()/a.Seconds())
		sumA, sumB, busyA = sumA+a, sumB+b, busyA+busy
	}
	resident, rested := child.end()
	s.title("Bulk, %d turns of %d slices of %d rows", len(ratios), turn, figureSlice)
	s.compare("rows a second", spreadOf(ours).whole(), spreadOf(others).whole(), spreadOf(ratios), atLeast(0.6))
	n := float64(*figureRows)
	s.line("over all turns: %.0f rows a second, plain %.0f, ratio %.2f", n/sumA.Seconds(), n/sumB.Seconds(), sumB.Seconds()/sumA.Seconds())
	s.line("beside plain's INSERTs alone, its rows made before: ratio %s", spreadOf(ready))
	if busyB > 0 {
		s.line("processor time a row: %.0f µs, plain %.0f µs, ratio %.2f",
			busyA.Seconds()*1e6/n, busyB.Seconds()*1e6/n, busyB.Seconds()/busyA.Seconds())
	}
	s.line("words still to merge while nobody waits: %.1f s", rested.Seconds())
	if resident == 0 {
		s.line("resident memory: not told by this system")
		return
	}
	s.value("resident memory at most, MiB", float64(resident)/(1<<20), atMost(200))
}
