package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// A text is an open file, decompressed if it is a gzip file.
type text struct {
	*bufio.Reader
	file *os.File
	raw  *counter // of the file's own bytes
}

// headSize is how much of a file can be looked at before it is read.
const headSize = 64 << 10

var errBomb = fmt.Errorf("the compressed file expands to more than %d times its size", maxExpansion)

// openText opens a file for reading from its beginning, without a byte order mark.
func openText(path string) (*text, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &text{file: file, raw: &counter{from: file}}
	plain := bufio.NewReaderSize(t.raw, headSize)
	t.Reader = plain
	if head, _ := plain.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		unzipped, err := gzip.NewReader(plain)
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		t.Reader = bufio.NewReaderSize(&bounded{from: unzipped, packed: t.raw, free: maxFreeExpansion}, headSize)
	}
	if head, _ := t.Peek(3); bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}) {
		if _, err := t.Discard(3); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return t, nil
}

func (t *text) Close() error { return t.file.Close() }

// A counter counts what is read. Its count may be read while it counts.
type counter struct {
	from  io.Reader
	n     atomic.Int64
	ended func() error
}

func (c *counter) Read(p []byte) (int, error) {
	if c.ended != nil {
		if err := c.ended(); err != nil {
			return 0, err
		}
	}
	n, err := c.from.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// bounded ends the reading of a compressed file that expands too much.
type bounded struct {
	from   io.Reader
	packed *counter
	free   int64 // bytes that it may expand to in any case
	n      int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.n += int64(n)
	if b.n > b.free && b.n > maxExpansion*b.packed.n.Load() {
		return 0, errBomb
	}
	return n, err
}
