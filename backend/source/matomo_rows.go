package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"activitylog/backend/catalog"
)

// matomoFiles reads dumps of Matomo's activity log: SQL, or CSV with a heading.
func matomoFiles(paths, names []string, cat *catalog.Catalog) *fileReader {
	return newFileReader(paths, names, func(t *text) rows {
		head, _ := t.Peek(headSize)
		if looksLikeSQL(head) {
			return &matomoDump{dump: newDump(t.Reader, MaxRecord, isMatomoTable), catalog: cat}
		}
		return &matomoTableRows{cells: newCells(t.Reader, MaxRecord, true), catalog: cat}
	})
}

// looksLikeSQL reports whether a file begins as dumps do: with a comment or a statement.
func looksLikeSQL(head []byte) bool {
	start := bytes.ToUpper(bytes.TrimLeft(head, " \t\r\n"))
	for _, word := range []string{"--", "/*", "INSERT ", "REPLACE ", "CREATE ", "DROP ", "SET ", "USE ", "LOCK ", "START ", "BEGIN"} {
		if bytes.HasPrefix(start, []byte(word)) {
			return true
		}
	}
	return false
}

// looksLikeMatomo reports whether a table's heading is that of Matomo's activity log.
func looksLikeMatomo(heading []cell) bool {
	names := headings(heading)
	return slices.Contains(names, "user_login") && slices.Contains(names, "ts_created") && slices.Contains(names, "type")
}

func headings(cells []cell) []string {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = strings.ToLower(strings.TrimSpace(c.text))
	}
	return names
}

// matomoDump yields the rows of the one activity log in a dump of SQL.
type matomoDump struct {
	dump    *dump
	catalog *catalog.Catalog
	table   string
	done    bool
}

func (m *matomoDump) next() (Record, error) {
	if m.done {
		return Record{}, io.EOF
	}
	t, err := m.dump.next()
	if errors.Is(err, io.EOF) {
		m.done = true
		switch {
		case m.dump.inside:
			return Record{}, &RejectedError{Line: m.dump.line, Reason: "The dump ends in the middle of a statement. Is it whole?"}
		case m.table == "" && m.dump.table == "" && len(m.dump.columns) == 0:
			return Record{}, &RejectedError{Line: m.dump.line, Reason: "There is no table matomo_activity_log in this dump."}
		}
	}
	if err != nil {
		return Record{Line: m.dump.line}, err
	}
	if m.table == "" {
		m.table = t.table
	}
	record, err := Record{}, error(nil)
	if t.table != m.table {
		err = fmt.Errorf("it is of the table %s, but this dump has %s too: import one activity log at a time", t.table, m.table)
	} else {
		record, err = matomoRecord(t.columns, t.values, m.catalog)
	}
	if err != nil {
		return Record{}, &RejectedError{Line: t.line, Reason: sentence(err.Error())}
	}
	record.Line = t.line
	return record, nil
}

func (m *matomoDump) passed() int64 { return m.dump.skipped }

func matomoRecord(columns []string, values []cell, cat *catalog.Catalog) (Record, error) {
	if columns == nil {
		columns = matomoColumns
	}
	row, err := rowOf(columns, values)
	if err != nil {
		return Record{}, err
	}
	return row.record(cat)
}

// matomoTableRows yields the rows of a CSV file of the table.
type matomoTableRows struct {
	cells   *cells
	catalog *catalog.Catalog
	columns []string
}

func (m *matomoTableRows) next() (Record, error) {
	values, line, err := m.cells.next()
	if err != nil {
		return Record{Line: line}, err
	}
	switch {
	case m.columns != nil:
	case looksLikeMatomo(values):
		m.columns = headings(values)
		return m.next()
	case len(values) == len(matomoColumns) && strings.Trim(values[0].text, "0123456789") == "":
		m.columns = matomoColumns // there is no heading
	default:
		m.columns = []string{}
		return Record{}, &RejectedError{Line: line, Reason: "The first line does not name the columns: it must have id, user_login, type, parameters, ts_created."}
	}
	if len(m.columns) == 0 {
		return Record{Line: line}, io.EOF
	}
	record, err := matomoRecord(m.columns, values, m.catalog)
	if err != nil {
		return Record{}, &RejectedError{Line: line, Reason: sentence(err.Error())}
	}
	record.Line = line
	return record, nil
}
