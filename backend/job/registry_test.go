package job

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

var quiet = slog.New(slog.DiscardHandler)

func clock() time.Time { return time.UnixMilli(1_795_392_000_000) }

func as(user int64, role access.Role) context.Context {
	return access.With(context.Background(), access.Principal{UserID: user, Role: role})
}

func follow(t *testing.T, r *Registry, ctx context.Context, id string) Job {
	t.Helper()
	j, err := r.Follow(ctx, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestHowAJobEnds(t *testing.T) {
	total := int64(10)
	tests := []struct {
		name, state, code string
		work              func(context.Context, *Task) error
	}{
		{"well", StateDone, "", func(_ context.Context, task *Task) error { task.Progress(3); return nil }},
		{"with an error for the caller", StateFailed, "unavailable", func(context.Context, *Task) error {
			return fault.Wrap(errors.New("secret cause"), fault.Unavailable, "The disk is full.")
		}},
		{"with any error", StateFailed, "internal", func(context.Context, *Task) error { return errors.New("secret cause") }},
		{"with a panic", StateFailed, "internal", func(context.Context, *Task) error { panic("secret cause") }},
	}
	for _, tt := range tests {
		var log bytes.Buffer
		r := NewRegistry(clock, slog.New(slog.NewTextHandler(&log, nil)))
		ctx := as(1, access.Super)
		started, err := r.Start(ctx, Plan{Kind: KindImport, Title: "a.json", Unit: UnitRows, Total: &total}, tt.work)
		if err != nil || started.State != StateRunning {
			t.Fatalf("%s: started %+v, %v", tt.name, started, err)
		}
		j := follow(t, r, ctx, started.ID)
		code := ""
		if j.Error != nil {
			code = j.Error.Code
		}
		if j.State != tt.state || code != tt.code || j.FinishedAt == nil {
			t.Errorf("%s: %+v, error %+v", tt.name, j, j.Error)
		}
		if tt.state == StateDone && j.Done != total {
			t.Errorf("%s: done %d of %d", tt.name, j.Done, total)
		}
		if j.Error != nil && j.Error.Message == "secret cause" {
			t.Errorf("%s: the cause is shown", tt.name)
		}
		if logged := strings.Contains(log.String(), "secret cause"); logged != (code == "internal") {
			t.Errorf("%s: logged %v: %s", tt.name, logged, log.String())
		}
	}
}

func TestProgressNeverGoesBack(t *testing.T) {
	r := NewRegistry(clock, quiet)
	ctx := as(1, access.Super)
	started, err := r.Start(ctx, Plan{Kind: KindExport, Unit: UnitRows}, func(_ context.Context, task *Task) error {
		task.Progress(5)
		task.Progress(3)
		task.Report(Report{Read: 7}, 4)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if j := follow(t, r, ctx, started.ID); j.Done != 5 || j.Report == nil || j.Report.Read != 7 {
		t.Errorf("%+v", j)
	}
}

// waiting is work that goes on until it is cancelled.
func waiting(ctx context.Context, _ *Task) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestCancelIsForOwnersAndSuperUsers(t *testing.T) {
	r := NewRegistry(clock, quiet)
	ann, bob, root := as(1, access.View), as(2, access.View), as(3, access.Super)
	started, err := r.Start(ann, Plan{Kind: KindExport}, waiting)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.CancelJob(bob, CancelIn{ID: started.ID}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("somebody else cancels: %v", err)
	}
	if _, err := r.CancelJob(bob, CancelIn{ID: "999"}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a job that is not there: %v", err)
	}
	if _, err := r.CancelJob(context.Background(), CancelIn{ID: started.ID}); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("nobody cancels: %v", err)
	}
	for _, who := range []struct {
		ctx  context.Context
		want int
	}{{ann, 1}, {bob, 0}, {root, 1}} {
		list, err := r.Jobs(who.ctx, ListIn{})
		if err != nil || len(list.Jobs) != who.want || list.Jobs == nil {
			t.Errorf("sees %v, %v; want %d", list.Jobs, err, who.want)
		}
	}
	if _, err := r.CancelJob(ann, CancelIn{ID: started.ID}); err != nil {
		t.Fatal(err)
	}
	if j := follow(t, r, root, started.ID); j.State != StateCancelled || j.Error != nil {
		t.Errorf("%+v", j)
	}
}

func TestTheLocalOwnerIsNotUserZero(t *testing.T) {
	r := NewRegistry(clock, quiet)
	local := access.With(context.Background(), access.Principal{Owner: true, Login: "ann", Role: access.View})
	started, err := r.Start(local, Plan{Kind: KindExport}, func(context.Context, *Task) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	follow(t, r, local, started.ID)
	if _, err := r.find(as(0, access.View), started.ID); err == nil {
		t.Error("nobody finds the owner's job")
	}
}

func TestCloseEndsWhatRuns(t *testing.T) {
	r := NewRegistry(clock, quiet)
	ctx := as(1, access.Super)
	started, err := r.Start(ctx, Plan{Kind: KindImport}, waiting)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if j := follow(t, r, ctx, started.ID); j.State != StateCancelled {
		t.Errorf("%+v", j)
	}
	if _, err := r.Start(ctx, Plan{}, waiting); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("a job started after Close: %v", err)
	}
}

func TestAJobOutlivesTheCall(t *testing.T) {
	r := NewRegistry(clock, quiet)
	ctx, cancel := context.WithCancel(as(1, access.Super))
	proceed := make(chan struct{})
	started, err := r.Start(ctx, Plan{Kind: KindImport}, func(run context.Context, _ *Task) error {
		<-proceed
		if access.From(run).UserID != 1 {
			return errors.New("the caller is lost")
		}
		return run.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := r.Follow(ctx, started.ID, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("following ends with %v", err)
	}
	close(proceed)
	if j := follow(t, r, as(1, access.Super), started.ID); j.State != StateDone {
		t.Errorf("%+v, error %+v", j, j.Error)
	}
}

// Work that a caller waits for is a job like others, and ends with its caller.
func TestAJobThatIsWaitedFor(t *testing.T) {
	r := NewRegistry(clock, quiet)
	ctx, leave := context.WithCancel(as(1, access.View))
	for _, end := range []struct {
		state string
		by    func(id string)
	}{
		{StateDone, func(string) {}},
		{StateCancelled, func(id string) { _, _ = r.CancelJob(as(1, access.View), CancelIn{ID: id}) }},
		{StateCancelled, func(string) { leave() }},
	} {
		err := r.Run(ctx, Plan{Kind: KindExport}, func(run context.Context, task *Task) error {
			if n := r.Running(); n != 1 {
				t.Errorf("%d run", n)
			}
			end.by(task.job.ID)
			return run.Err()
		})
		list, listed := r.Jobs(as(1, access.View), ListIn{})
		if listed != nil || list.Jobs[0].State != end.state || (err == nil) != (end.state == StateDone) {
			t.Errorf("%+v, %v, %v; want %s", list.Jobs, err, listed, end.state)
		}
	}
	if err := r.Run(context.Background(), Plan{}, waiting); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("as nobody: %v", err)
	}
	r.Close()
	if err := r.Run(as(1, access.View), Plan{}, waiting); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("after Close: %v", err)
	}
}

func TestOldJobsAreForgotten(t *testing.T) {
	r := NewRegistry(clock, quiet)
	ctx := as(1, access.Super)
	running, err := r.Start(ctx, Plan{}, waiting)
	if err != nil {
		t.Fatal(err)
	}
	for range keep + 20 {
		j, err := r.Start(ctx, Plan{}, func(context.Context, *Task) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		follow(t, r, ctx, j.ID)
	}
	list, err := r.Jobs(ctx, ListIn{})
	if err != nil || len(list.Jobs) != keep {
		t.Errorf("%d jobs are kept, %v; want %d", len(list.Jobs), err, keep)
	}
	if _, err := r.find(ctx, running.ID); err != nil {
		t.Errorf("the running job is forgotten: %v", err)
	}
	r.Close()
}
