package source

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/sqlite"
)

func TestOnlySuperUsersImport(t *testing.T) {
	w := newWorld(t)
	path := w.file("drafts.ndjson", drafts)
	mine := w.offer(path)
	for _, role := range []access.Role{access.None, access.View, access.Write, access.Admin} {
		ctx := as(2, role)
		_, offer := w.Offer(ctx, []string{path})
		_, upload := w.Upload(ctx, "a", strings.NewReader(drafts))
		_, preview := w.ImportPreview(ctx, PreviewIn{Handles: mine})
		_, imported := w.Import(ctx, ImportIn{Handles: mine})
		for name, err := range map[string]error{"Offer": offer, "Upload": upload, "ImportPreview": preview, "Import": imported} {
			if fault.CodeOf(err) != fault.Denied {
				t.Errorf("%s as %s: %v", name, role, err)
			}
		}
	}
	other := as(2, access.Super)
	if _, err := w.Import(other, ImportIn{Handles: mine}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("another super user's handle: %v", err)
	}
	if got := w.imports(ImportIn{Handles: mine}); got.Report.New != 4 {
		t.Errorf("the owner: %s", sum(got.Report))
	}
	if _, err := w.Import(w.ctx, ImportIn{Handles: mine}); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("a handle that was used: %v", err)
	}
}

func TestUploads(t *testing.T) {
	w := newWorld(t)
	left := func() int {
		files, err := os.ReadDir(w.options.Uploads)
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	h, err := w.Upload(w.ctx, `C:\logs\..\drafts.ndjson`, strings.NewReader(drafts))
	if err != nil || h.Name != "drafts.ndjson" || h.Size != int64(len(drafts)) {
		t.Fatal(h, err)
	}
	if _, err := w.ImportPreview(w.ctx, PreviewIn{Handles: []string{h.ID}}); err != nil || left() != 1 {
		t.Errorf("after the preview %d files are left, %v", left(), err)
	}
	if got := w.imports(ImportIn{Handles: []string{h.ID}}); got.Report.New != 4 || left() != 0 {
		t.Errorf("%s, %d files are left", sum(got.Report), left())
	}
	if h, err = w.Upload(w.ctx, "b", strings.NewReader(drafts)); err != nil {
		t.Fatal(err)
	}
	w.wait(handleLife + time.Second)
	if _, err := w.Import(w.ctx, ImportIn{Handles: []string{h.ID}}); fault.CodeOf(err) != fault.NotFound || left() != 0 {
		t.Errorf("after an hour: %v, %d files are left", err, left())
	}
}

// What an import has begun to read is its own: that its handles grow old meanwhile, and
// others are made, takes nothing from it.
func TestAnImportKeepsItsFiles(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 3 {
		h, err := w.Upload(w.ctx, "a.ndjson", strings.NewReader(fmt.Sprintf(`{"type":"GoalAdded","externalId":"%d"}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, h.ID)
	}
	held, release := make(chan struct{}), make(chan struct{})
	go func() {
		_ = w.db.Write(w.ctx, func(*sqlite.Tx) error { close(held); <-release; return nil })
	}()
	<-held // nothing is stored, so the import goes no further than its beginning
	started, err := w.Import(w.ctx, ImportIn{Handles: ids})
	if err != nil {
		t.Fatal(err)
	}
	w.wait(handleLife + time.Second)
	if _, err := w.Upload(w.ctx, "b", strings.NewReader(drafts)); err != nil {
		t.Fatal(err)
	}
	close(release)
	ended, err := w.jobs.Follow(w.ctx, started.ID, nil)
	if err != nil || ended.Report == nil || ended.Report.New != 3 {
		t.Errorf("%+v, %v", ended, err)
	}
}

// A trail has a file for every few minutes. Only what the program has to keep itself is
// limited.
func TestManyFilesAreOffered(t *testing.T) {
	w := newWorld(t)
	path := w.file("drafts.ndjson", drafts)
	if n := len(w.offer(slices.Repeat([]string{path}, 3*maxUploads)...)); n != 3*maxUploads {
		t.Errorf("%d handles", n)
	}
	for i := range maxUploads {
		w.handles.all[fmt.Sprint(i)] = chosen{owner: owner{user: 1}, upload: true, expires: w.clock().Add(time.Hour)}
	}
	if _, err := w.Upload(w.ctx, "a", strings.NewReader("")); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("one upload too many: %v", err)
	}
}
