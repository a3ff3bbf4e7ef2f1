package plugin

import (
	"archive/zip"
	"io"
	"io/fs"
	"strings"

	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// Bits of an entry's flags (APPNOTE 4.4.4): encrypted, strongly encrypted, names hidden.
const encrypted = 1<<0 | 1<<6 | 1<<13

// readZip reads the files of a plugin out of a zip. Every entry is judged by the central
// directory alone, and read up to the limit whatever that says of its size.
func readZip(from io.ReaderAt, size int64) (catalog.Files, []catalog.Problem, error) {
	archive, err := zip.NewReader(from, size)
	if archive == nil || len(archive.File) == 0 {
		return nil, nil, fault.Wrap(err, fault.Invalid, "The plugin was not read: it is no zip, or a damaged one.").Blame("plugin")
	}
	g := newGathering()
	if n := len(archive.File); n > maxEntries {
		g.wrong("plugin.json", "is one of %d entries of the zip; at most %d are allowed", n, maxEntries)
		return nil, g.problems, nil
	}
	for _, entry := range archive.File {
		g.entry(entry)
	}
	return g.end()
}

func (g *gathering) entry(entry *zip.File) {
	name := entry.Name
	folder := strings.HasSuffix(name, "/")
	if folder {
		name = strings.TrimSuffix(name, "/")
	}
	if !g.named(name) {
		return
	}
	switch kind := entry.Mode().Type(); {
	case kind != 0 && kind != fs.ModeDir:
		g.wrong(name, "is a link or a device, not a file")
	case entry.Flags&encrypted != 0:
		g.wrong(name, "is encrypted")
	case folder || kind == fs.ModeDir:
		if entry.UncompressedSize64 > 0 {
			g.wrong(name, "is a folder with content of its own")
		}
	case hidden(name):
	case entry.Method != zip.Store && entry.Method != zip.Deflate:
		g.wrong(name, "is compressed in a way that is not known here: only Deflate is")
	case entry.UncompressedSize64 > catalog.MaxFile:
		g.wrong(name, "is larger than 256 KiB")
	case entry.UncompressedSize64 > smallFile && entry.UncompressedSize64 > maxRatio*entry.CompressedSize64:
		g.wrong(name, "is more than %d times as large as in the zip", maxRatio)
	default:
		g.unzip(name, entry)
	}
}

func (g *gathering) unzip(name string, entry *zip.File) {
	content, err := entry.Open()
	if err == nil {
		err = g.take(name, content)
		_ = content.Close() // of what was read
	}
	if err != nil {
		g.wrong(name, "is damaged in the zip")
	}
}
