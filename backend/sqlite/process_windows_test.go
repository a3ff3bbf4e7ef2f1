package sqlite

import "testing"

func asNobody(t *testing.T, _ string) (code, text string) {
	t.Skip("Windows has no such account")
	return "", ""
}

func failingDisk(*testing.T, *DB) {}
