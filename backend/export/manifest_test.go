package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// both fetches a file and its manifest.
func (w *world) both(ctx context.Context, in In) ([]byte, Manifest) {
	w.t.Helper()
	out, err := w.Export(ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	data := w.redeemed(out.Ticket)
	var m Manifest
	if err := json.Unmarshal(w.redeemed(out.Manifest), &m); err != nil {
		w.t.Fatal(err)
	}
	return data, m
}

func (w *world) redeemed(ticket string) []byte {
	w.t.Helper()
	file, err := w.Redeem(context.Background(), ticket)
	if err != nil {
		w.t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := file.Write(context.Background(), &out); err != nil {
		w.t.Fatal(err)
	}
	return out.Bytes()
}

func TestAManifestSaysWhatTheFileIs(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 1203)
	super := as(1, access.Super)
	for _, f := range formats {
		size := w.db.State().Size
		data, m := w.both(super, In{Query: "type:GoalAdded", Format: f.name, Zone: "Asia/Tokyo"})
		sum := sha256.Sum256(data)
		if m.SHA256 != hex.EncodeToString(sum[:]) || m.Bytes != int64(len(data)) {
			t.Errorf("%s: %d bytes %x; the manifest says %d %s", f.name, len(data), sum, m.Bytes, m.SHA256)
		}
		// What the file itself decides is told above; the rest is known beforehand.
		m.SHA256, m.Bytes = "", 0
		want := Manifest{
			File: "activity-2026-11-23." + f.name, Format: f.name, Query: "type:GoalAdded", Zone: "Asia/Tokyo", Language: "en",
			Columns: namesOf(f.columns), Count: 1203, Scope: "all",
			First: &End{"1", "2026-11-18T20:06:40.000+09:00"}, Last: &End{"1203", "2026-11-18T20:26:42.000+09:00"},
			By:    By{Kind: "user", Source: "self", Name: "user1", User: new("1")},
			Began: "2026-11-23T09:00:00.000+09:00", Finished: "2026-11-23T09:00:00.000+09:00",
			Export: decimal(size + 1), Program: "1.2.3", Log: m.Log,
		}
		if !reflect.DeepEqual(m, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", f.name, m, want)
		}
		if m.Log.Size == nil || *m.Log.Size != decimal(size+1) || *m.Log.Root == "" || m.Log.Origin == "" {
			t.Errorf("%s: the ledger is %+v at %d", f.name, m.Log, size+1)
		}
	}
}

// The ledger's size says how much others do: only super users learn it.
func TestAManifestOfOnesOwn(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 5)
	w.fill(2, 3)
	_, m := w.both(as(2, access.View), In{Query: "type:GoalAdded", Format: NDJSON})
	if m.Scope != "own" || m.Count != 3 || m.First.ID != "6" || m.Log.Size != nil || m.Log.Root != nil || m.By.Name != "user2" {
		t.Errorf("%+v", m)
	}
	_, m = w.both(as(2, access.View), In{Query: "type:GoalDeleted", Format: CSV, Columns: []string{"ip", "id"}})
	if m.Count != 0 || m.First != nil || m.Last != nil || strings.Join(m.Columns, " ") != "ip id" {
		t.Errorf("%+v", m)
	}
}

func TestTicketsOfManifests(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 2*activity.MaxLimit)
	super := as(1, access.Super)
	export := func() Out {
		out, err := w.Export(super, In{Query: "type:GoalAdded", Format: NDJSON})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	code := func(id string) fault.Code {
		_, err := w.Redeem(context.Background(), id)
		return fault.CodeOf(err)
	}
	out := export()
	w.redeemed(out.Ticket)
	if got := []fault.Code{code(out.Manifest), code(out.Manifest)}; got[0] != "" || got[1] != fault.NotFound {
		t.Errorf("once, again: %q", got)
	}
	// Asked for first, it waits for the file.
	out = export()
	answer := make(chan fault.Code)
	go func() { answer <- code(out.Manifest) }()
	w.redeemed(out.Ticket)
	if got := <-answer; got != "" {
		t.Errorf("asked for before the file was complete: %q", got)
	}
	// A caller that leaves meanwhile has not used it up.
	out = export()
	gone, leave := context.WithCancel(context.Background())
	leave()
	if _, err := w.Redeem(gone, out.Manifest); err == nil {
		t.Error("there is a manifest without a file")
	}
	w.redeemed(out.Ticket)
	if got := code(out.Manifest); got != "" {
		t.Errorf("asked for again: %q", got)
	}
	out = export()
	file, err := w.Redeem(super, out.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(super, broken{}); err == nil {
		t.Fatal("a broken connection is no error")
	}
	if got := code(out.Manifest); got != fault.Unavailable {
		t.Errorf("of a file that was broken off: %q", got)
	}
	out = export()
	w.redeemed(out.Ticket)
	w.pass(manifestLife)
	if got := code(out.Manifest); got != fault.NotFound {
		t.Errorf("after ten minutes: %q", got)
	}
	out = export()
	w.pass(TicketLife)
	if got := code(out.Manifest); got != fault.NotFound {
		t.Errorf("of a file nobody fetched: %q", got)
	}
	out = export()
	w.redeemed(out.Ticket)
	w.gone = true
	if got := code(out.Manifest); got != fault.Unauthenticated {
		t.Errorf("after the session: %q", got)
	}
}

// Of one user only so many manifests are kept.
func TestManifestsAreBounded(t *testing.T) {
	w := newWorld(t)
	var outs []Out
	for range maxOwn + 5 {
		out, err := w.Export(as(1, access.Super), In{Query: "type:GoalAdded", Format: NDJSON})
		if err != nil {
			t.Fatal(err)
		}
		w.redeemed(out.Ticket)
		outs = append(outs, out)
	}
	if len(w.outcomes) > maxOwn+1 {
		t.Errorf("%d are kept", len(w.outcomes))
	}
	w.redeemed(outs[len(outs)-1].Manifest)
	if _, err := w.Redeem(context.Background(), outs[0].Manifest); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("the oldest: %v", err)
	}
}

// A download is a job of its reader's, who can cancel it.
func TestADownloadIsAJob(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 2*activity.MaxLimit)
	super := as(1, access.Super)
	file, err := w.Redeem(super, w.ticket(super, In{Query: "type:GoalAdded", Format: NDJSON}))
	if err != nil {
		t.Fatal(err)
	}
	jobs := func() job.Job {
		list, err := w.jobs.Jobs(super, job.ListIn{})
		if err != nil || len(list.Jobs) != 1 {
			t.Fatalf("%+v, %v", list.Jobs, err)
		}
		return list.Jobs[0]
	}
	_, err = file.Write(context.Background(), &watched{first: func() {
		if j := jobs(); j.State != job.StateRunning || j.Title != file.Name || *j.Total != 2*activity.MaxLimit {
			t.Errorf("%+v", j)
		}
		if _, err := w.jobs.CancelJob(super, job.CancelIn{ID: jobs().ID}); err != nil {
			t.Error(err)
		}
	}})
	if j := jobs(); err == nil || j.State != job.StateCancelled {
		t.Errorf("%+v, %v", j, err)
	}
}
