// Command sqlite3 is another SQLite than the program's own: the C library, compiled by
// a C compiler, with FTS5 (build with -tags sqlite_fts5). Tests change logs with it
// from outside. On its standard input it takes a JSON array of statements for the
// database file that is its argument; what they answer it prints as JSON, an array a
// row. It ends at the first statement that fails, with the status 1.
package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"

	_ "github.com/mattn/go-sqlite3"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sqlite3 FILE <STATEMENTS.json")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(path string, in io.Reader, out io.Writer) (err error) {
	var statements []string
	if err := json.NewDecoder(in).Decode(&statements); err != nil {
		return err
	}
	name := url.URL{Scheme: "file", Path: path, OmitHost: true, RawQuery: "mode=rw"}
	pool, err := sql.Open("sqlite3", name.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	pool.SetMaxOpenConns(1) // one connection, which keeps its settings and transaction
	answers := json.NewEncoder(out)
	for _, text := range statements {
		if err := answer(pool, text, answers); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

func answer(pool *sql.DB, text string, out *json.Encoder) (err error) {
	rows, err := pool.Query(text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := out.Encode(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
