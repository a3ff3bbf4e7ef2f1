package source

import (
	"os"
	"strings"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
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
