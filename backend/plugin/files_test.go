package plugin

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// A part is an entry of a zip.
type part struct {
	name  string
	data  string
	mode  fs.FileMode
	alter func(*zip.FileHeader)
}

func plain(names ...string) []part {
	var all []part
	for _, name := range names {
		all = append(all, part{name: name, data: "{}"})
	}
	return all
}

func zipped(t testing.TB, parts ...part) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, p := range parts {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate}
		if p.mode != 0 {
			h.SetMode(p.mode)
		}
		if p.alter != nil {
			p.alter(h)
		}
		if strings.HasSuffix(p.name, "/") {
			h.Method = zip.Store
		}
		file, err := w.CreateHeader(h)
		if err == nil && h.Name != "" && !strings.HasSuffix(h.Name, "/") {
			_, err = file.Write([]byte(p.data))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func said(problems []catalog.Problem) string {
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.Error().Message)
	}
	return strings.Join(lines, "\n")
}

const manifest, one = "plugin.json", "Activity/One.json"

func TestZipsThatAreRefused(t *testing.T) {
	good := plain(manifest, one)
	with := func(more ...part) []part { return append(plain(manifest, one), more...) }
	many := with()
	for i := range maxEntries {
		many = append(many, part{name: fmt.Sprintf("Activity/T%d.json", i), data: "{}"})
	}
	var heavy []part
	for i := range 20 {
		heavy = append(heavy, part{name: fmt.Sprintf("Activity/T%d.json", i), data: noise(250 << 10)})
	}
	tests := []struct {
		name  string
		parts []part
		want  string // "": it is read
	}{
		{"as it should be", good, ""},
		{"in a folder", plain("Shop/", "Shop/plugin.json", "Shop/Activity/", "Shop/Activity/One.json"), ""},
		{"with what systems leave", append(plain("Shop/plugin.json", "Shop/Activity/One.json"), plain("__MACOSX/Shop/._plugin.json", "Shop/.DS_Store", "Shop/README.md", "Shop/LICENSE")...), ""},
		{"two folders deep", plain("a/b/plugin.json", "a/b/Activity/One.json"), "is nothing that a plugin has"},
		{"beside its folder", plain("a/plugin.json", "b/Activity/One.json"), "b/Activity/One.json: file: lies beside the plugin's folder"},
		{"code", with(part{name: "run.js"}), "run.js: file: is nothing that a plugin has"},
		{"a picture", with(part{name: "Activity/One.svg"}), "Activity/One.svg: file: is nothing that"},
		{"a folder deeper", with(part{name: "Activity/More/One.json"}), "Activity/More/One.json: file: is nothing"},
		{"upwards", with(part{name: "../evil.json"}), "../evil.json: file: has a path that leads elsewhere"},
		{"upwards inside", with(part{name: "Activity/../../evil.json"}), "has a path that leads elsewhere"},
		{"upwards to the same", with(part{name: "Activity/../Activity/Two.json"}), "has a path that leads elsewhere"},
		{"dots", with(part{name: "./Activity/Two.json"}), "has a path that leads elsewhere"},
		{"just upwards", with(part{name: ".."}), "has a path that leads elsewhere"},
		{"absolute", with(part{name: "/etc/passwd"}), "/etc/passwd: file: has an absolute path"},
		{"drive", with(part{name: "C:/Windows/One.json"}), "has an absolute path"},
		{"drive of here", with(part{name: "c:One.json"}), "has an absolute path"},
		{"backslash", with(part{name: `Activity\Two.json`}), "has a name with a backslash"},
		{"backslash upwards", with(part{name: `..\evil.json`}), "has a name with a backslash"},
		{"NUL", with(part{name: "Activity/Two.json\x00.png"}), "characters that cannot be seen"},
		{"turned around", with(part{name: "Activity/\u202eTwo.json"}), "characters that cannot be seen"},
		{"not UTF-8", with(part{name: "Activity/\xff.json"}), "has a name that is not UTF-8"},
		{"no name", with(part{name: ""}), "has a path that leads elsewhere"},
		{"long name", with(part{name: "Activity/" + strings.Repeat("x", 300) + ".json"}), "has a name that is too long"},
		{"twice", with(part{name: one, data: `{"a":1}`}), "Activity/One.json: file: is there twice"},
		{"but for capitals", with(part{name: "activity/one.json"}), "activity/one.json: file: is called like Activity/One.json but for capitals"},
		{"a folder of its name", with(part{name: "plugin.json/"}), "plugin.json: file: is there twice"},
		{"a link", with(part{name: "Activity/Two.json", data: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "is a link or a device"},
		{"a device", with(part{name: "Activity/Two.json", mode: fs.ModeDevice | 0o666}), "is a link or a device"},
		{"a pipe", with(part{name: "Activity/Two.json", mode: fs.ModeNamedPipe | 0o666}), "is a link or a device"},
		{"a hidden link", with(part{name: ".git", data: "/", mode: fs.ModeSymlink | 0o777}), "is a link or a device"},
		{"encrypted", with(part{name: "Activity/Two.json", data: "x", alter: func(h *zip.FileHeader) { h.Flags |= 1 }}), "Activity/Two.json: file: is encrypted"},
		{"a large file", with(part{name: "Activity/Two.json", data: noise(257 << 10)}), "Activity/Two.json: file: is larger than 256 KiB"},
		{"a bomb", with(part{name: "Activity/Two.json", data: strings.Repeat(" ", 200<<10)}), "times as large as in the zip"},
		{"many", many, "at most 500 are allowed"},
		{"heavy together", heavy, "makes the plugin larger than 4 MiB"},
		{"empty", nil, "it is no zip"},
	}
	for _, tt := range tests {
		data := zipped(t, tt.parts...)
		files, problems, err := readZip(bytes.NewReader(data), int64(len(data)))
		got := said(problems)
		if err != nil {
			got = err.Error()
		}
		switch {
		case tt.want == "" && (got != "" || len(files) != 2 || files[manifest] == nil || files[one] == nil):
			t.Errorf("%s: %q, %d files", tt.name, got, len(files))
		case !strings.Contains(got, tt.want):
			t.Errorf("%s: %q, want %q in it", tt.name, got, tt.want)
		}
	}
}

// noise is text that hardly gets smaller in a zip.
func noise(n int) string {
	state, out := uint32(1), make([]byte, n)
	for i := range out {
		state = state*1664525 + 1013904223
		out[i] = byte('!' + state>>24%90)
	}
	return string(out)
}

// What the directory of a zip says of sizes is not believed.
func TestZipsThatLie(t *testing.T) {
	data := zipped(t, append(plain(manifest), part{name: one, data: strings.Repeat(" ", 300<<10)})...)
	// The size of the last entry in the central directory (APPNOTE 4.3.12: 24 bytes in).
	at := bytes.LastIndex(data, []byte("PK\x01\x02"))
	copy(data[at+24:], []byte{10, 0, 0, 0})
	_, problems, err := readZip(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(problems) != 1 || !strings.Contains(said(problems), one+": file: ") {
		t.Errorf("problems %q, error %v", said(problems), err)
	}
	broken := zipped(t, part{name: manifest, data: noise(2000)})
	broken[200] ^= 0xff
	if _, problems, _ := readZip(bytes.NewReader(broken), int64(len(broken))); !strings.Contains(said(problems), "is damaged") {
		t.Errorf("a flipped bit: %q", said(problems))
	}
	if _, _, err := readZip(bytes.NewReader(data[:100]), 100); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("half a zip: %v", err)
	}
}

func TestFolders(t *testing.T) {
	root := t.TempDir()
	write := func(name, data string) {
		t.Helper()
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(data), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{manifest, one, "README.md", ".git/config", ".gitignore"} {
		write(name, "{}")
	}
	files, problems, err := Read(root)
	if err != nil || len(problems) > 0 || len(files) != 2 {
		t.Fatalf("%d files, %q, %v", len(files), said(problems), err)
	}
	if err := os.Symlink(filepath.Join(root, one), filepath.Join(root, "Activity", "Two.json")); err != nil {
		t.Skipf("no links here: %v", err)
	}
	write("index.js", "code")
	if _, problems, _ = Read(root); said(problems) != "Activity/Two.json: file: is a link or a device, not a file" {
		t.Errorf("a link: %q", said(problems))
	}
	if err := os.Remove(filepath.Join(root, "Activity", "Two.json")); err != nil {
		t.Fatal(err)
	}
	if _, problems, _ = Read(root); !strings.Contains(said(problems), "index.js: file: is nothing that a plugin has") {
		t.Errorf("code: %q", said(problems))
	}
	if _, _, err := Read(filepath.Join(root, "nothing")); fault.CodeOf(err) != fault.Invalid || strings.Contains(fault.Public(err).Message, root) {
		t.Errorf("nothing there: %v", err)
	}
	if _, _, err := Read(filepath.Join(root, manifest)); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("no zip: %v", err)
	}
}

func TestTheExamplePassesTheCheck(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"Shop", "DoorControl", "Users2", "Reports"} {
		root, err := Begin(dir, name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found, err := CheckAlone(root)
		if err != nil || len(found.Problems) > 0 || found.Plugin.Types[0].ID != name+"/ItemAdded" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	for name, code := range map[string]fault.Code{"Shop": fault.Conflict, "Goals": fault.Invalid, "shop": fault.Invalid, "../Shop": fault.Invalid, "": fault.Invalid} {
		if _, err := Begin(dir, name); fault.CodeOf(err) != code {
			t.Errorf("%q: %v, want %s", name, err, code)
		}
	}
}

// FuzzZip: whatever the bytes, files come out only under the two kinds of names, small,
// and a definition without problems has types of its own plugin alone.
func FuzzZip(f *testing.F) {
	f.Add(zipped(f, plain(manifest, one)...))
	f.Add(zipped(f, plain("a/plugin.json", "a/Activity/One.json", "../x", "b\\c")...))
	f.Add(zipped(f, part{name: "Activity/Two.json", data: "/etc", mode: fs.ModeSymlink}))
	cat, err := catalog.Load()
	if err != nil {
		f.Fatal(err)
	}
	files, err := example(cat, "Shop")
	if err != nil {
		f.Fatal(err)
	}
	var parts []part
	for name, data := range files {
		parts = append(parts, part{name: name, data: string(data)})
	}
	f.Add(zipped(f, parts...))
	f.Fuzz(func(t *testing.T, data []byte) {
		files, problems, err := readZip(bytes.NewReader(data), int64(len(data)))
		if err != nil || len(problems) > 0 {
			for _, p := range problems {
				if p.File == "" && p.Reason == "" || p.Field == "" {
					t.Fatalf("a problem without a place: %+v", p)
				}
			}
			return
		}
		total := 0
		for name, data := range files {
			if name != manifest && !typePath.MatchString(name) || len(data) > catalog.MaxFile {
				t.Fatalf("%q of %d bytes came out", name, len(data))
			}
			total += len(data)
		}
		if total > maxTotal {
			t.Fatalf("%d bytes came out", total)
		}
		d, problems := cat.Read(files)
		if len(problems) > 0 {
			return
		}
		for _, typ := range d.Types {
			if !strings.HasPrefix(typ.ID, d.Name+"/") || typ.Self {
				t.Fatalf("%s brings %s", d.Name, typ.ID)
			}
		}
	})
}

// A folder that is no plugin at all is not walked to its end, nor told of file by file.
func TestAWrongFolderIsSaidShortly(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 * maxProblems {
		if err := os.Symlink("nowhere", filepath.Join(dir, fmt.Sprintf("link%03d", i))); err != nil {
			t.Skip("no links here")
		}
	}
	_, problems, err := Read(dir)
	if err != nil || len(problems) != maxProblems+1 || !strings.Contains(problems[maxProblems].Reason, "more is wrong") {
		t.Errorf("%d problems, %v, the last %+v", len(problems), err, problems[len(problems)-1])
	}
	for i := range 3 * maxProblems {
		if err := os.Remove(filepath.Join(dir, fmt.Sprintf("link%03d", i))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("file%03d", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, problems, err = Read(dir); err != nil || len(problems) != maxProblems+1 {
		t.Errorf("%d problems with files that no plugin has, %v", len(problems), err)
	}
}
