package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// saved is how saving ended.
func (w *world) saved(ctx context.Context, in In, path string) job.Job {
	w.t.Helper()
	started, err := w.Save(ctx, w.ticket(ctx, in), path)
	if err != nil {
		w.t.Fatal(err)
	}
	ended, err := w.jobs.Follow(ctx, started.ID, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return ended
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, one := range left {
		list = append(list, one.Name())
	}
	return list
}

func TestSave(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 7)
	super := as(1, access.Super)
	dir := t.TempDir()
	path := filepath.Join(dir, "out.ndjson")
	if ended := w.saved(super, In{Query: "type:GoalAdded", Format: NDJSON}, path); ended.State != job.StateDone || ended.Done != 7 {
		t.Fatalf("%+v", ended)
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Count(string(data), "\n") != 7 {
		t.Errorf("%d lines, %v", strings.Count(string(data), "\n"), err)
	}
	sum := sha256.Sum256(data)
	m := manifestOf(t, path)
	if m.File != "out.ndjson" || m.SHA256 != hex.EncodeToString(sum[:]) || m.Bytes != int64(len(data)) || m.Count != 7 {
		t.Errorf("%+v", m)
	}
	// Another export in its place takes the manifest with it.
	if ended := w.saved(super, In{Query: "object:goal:5", Format: CSV}, path); ended.State != job.StateDone {
		t.Fatalf("%+v", ended)
	}
	if m := manifestOf(t, path); m.Count != 1 || m.Format != CSV {
		t.Errorf("%+v", m)
	}
	if ended := w.saved(super, In{Format: NDJSON}, filepath.Join(dir, "absent", "out")); ended.State != job.StateFailed || ended.Error.Code != "unavailable" {
		t.Errorf("%+v", ended)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"out.ndjson", "out.ndjson.manifest.json"}) {
		t.Errorf("%v are left", got)
	}
	if _, err := w.Save(super, "x", path); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("without a ticket: %v", err)
	}
}

func manifestOf(t *testing.T, path string) (m Manifest) {
	t.Helper()
	data, err := os.ReadFile(path + ".manifest.json")
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What is cancelled, broken off or not to be published leaves nothing, and what was
// there before stays.
func TestAnExportThatFailsLeavesNothing(t *testing.T) {
	for _, f := range formats {
		for name, end := range map[string]func(w *world, dir, id string){
			"cancelled": func(w *world, _, id string) {
				if _, err := w.jobs.CancelJob(as(1, access.Super), job.CancelIn{ID: id}); err != nil {
					t.Error(err)
				}
			},
			"signed out": func(w *world, _, _ string) { w.gone = true },
			"in the way": func(_ *world, dir, _ string) { // a folder that is not empty cannot be replaced
				if err := os.MkdirAll(filepath.Join(dir, "out.manifest.json", "full"), 0o700); err != nil {
					t.Error(err)
				}
			},
		} {
			w := newWorld(t)
			w.fill(1, 2*activity.MaxLimit)
			super := as(1, access.Super)
			dir := t.TempDir()
			path := filepath.Join(dir, "out")
			if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
				t.Fatal(err)
			}
			// The session is asked for before each page: once to redeem, then for the first one.
			asked := 0
			started := make(chan string, 1)
			w.before = func() {
				if asked++; asked == 3 {
					end(w, dir, <-started)
				}
			}
			j, err := w.Save(super, w.ticket(super, In{Query: "type:GoalAdded", Format: f.name}), path)
			if err != nil {
				t.Fatal(err)
			}
			started <- j.ID
			ended, err := w.jobs.Follow(super, j.ID, nil)
			if err != nil || ended.State == job.StateDone || ended.Done == 2*activity.MaxLimit && name != "in the way" {
				t.Errorf("%s, %s: %+v, %v", f.name, name, ended, err)
			}
			data, err := os.ReadFile(path)
			if err != nil || string(data) != "before" {
				t.Errorf("%s, %s: the file before is now %d bytes, %v", f.name, name, len(data), err)
			}
			if got := slices.DeleteFunc(names(t, dir), func(n string) bool { return n == "out.manifest.json" }); !slices.Equal(got, []string{"out"}) {
				t.Errorf("%s, %s: %v are left", f.name, name, got)
			}
		}
	}
}
