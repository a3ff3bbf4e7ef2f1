package sqlite

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"activitylog/backend/ledger"
)

const dataPage = "../../docs/data.md"

// documented reads the tables of docs/data.md: "table.column" → proven.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(dataPage)
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]string{}
	heading, row := regexp.MustCompile("^### `(\\w+)`$"), regexp.MustCompile("^\\| `(\\w+)` \\|.*\\| (yes|no) \\|$")
	table := ""
	for _, line := range strings.Split(string(text), "\n") {
		if m := heading.FindStringSubmatch(line); m != nil {
			table = m[1]
		} else if strings.HasPrefix(line, "## ") {
			table = ""
		} else if m := row.FindStringSubmatch(line); m != nil && table != "" {
			columns[table+"."+m[1]] = m[2]
		}
	}
	return columns
}

// schemaColumns lists every column of every table in the file.
func schemaColumns(t *testing.T) []string {
	t.Helper()
	pool := plainPool(t, copyLog(t, sampleOf(t).dir))
	defer pool.Close()
	rows, err := pool.Query("SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	return list
}

func TestNoColumnIsForgotten(t *testing.T) {
	columns, documents := schemaColumns(t), documented(t)
	attacked := map[string]bool{}
	for _, list := range [][]attack{cellAttacks(), wordAttacks(), erasureAttacks(), purgeAttacks()} {
		for _, a := range list {
			attacked[a.name] = true
		}
	}
	for _, c := range columns {
		proven, ok := documents[c]
		switch {
		case !ok:
			t.Errorf("%s is not in %s", c, dataPage)
		case proven == "yes" && !attacked[c]:
			t.Errorf("%s is said to be proven, but no attack changes it", c)
		case proven == "no" && attacked[c]:
			t.Errorf("%s is said not to be proven, but an attack on it is noticed", c)
		}
	}
	for c := range documents {
		if !slices.Contains(columns, c) {
			t.Errorf("%s is in %s, but not in the file", c, dataPage)
		}
	}
}

// wordAttacks change the cells of the tables that the index of words is kept in.
func wordAttacks() []attack {
	key := "(SELECT key FROM activity WHERE seq = 102)"
	leaf := "id = (SELECT max(id) FROM words_data)"
	any := finding{"", "words", "", -1}
	return []attack{
		{name: "words.text", sql: []string{"INSERT OR REPLACE INTO words (rowid, text, facets) VALUES (" + key + ", 'nothing happened', 'z')"}, want: finding{"words", "words", "text", victim}, off: "words"},
		{name: "words.facets", sql: []string{"INSERT OR REPLACE INTO words (rowid, text, facets) VALUES (" + key + ", 'nothing happened', 'z')"}, want: finding{"words", "words", "facets", victim}, off: "words"},
		cell("words_data.id", "id + 1", leaf, finding{"file", "", "", -1}),
		cell("words_data.block", "zeroblob(length(block))", leaf, finding{"file", "", "", -1}),
		cell("words_idx.segid", "segid + 1000", "", any),
		cell("words_idx.term", "x'7a7a'", "(segid, term) = (SELECT segid, term FROM words_idx WHERE pgno > 2 ORDER BY segid DESC LIMIT 1)", any),
		cell("words_idx.pgno", "pgno + 2000", "", any),
		cell("words_docsize.id", "7", "id = "+key, any),
		cell("words_docsize.sz", "x'0101'", "id = "+key, finding{"words", "words", "", victim}),
		cell("words_config.k", "'other'", "k = 'automerge'", finding{"schema", "words", "", -1}),
		cell("words_config.v", "9", "k = 'automerge'", finding{"schema", "words", "", -1}),
	}
}

func TestVerifyNamesAChangedCellOfTheWords(t *testing.T) {
	names(t, sampleOf(t).dir, tamper, 4, wordAttacks())
}

// What is said not to be proven is really in nothing that is compared.
func TestVerifyIsSilentAboutWhatIsNotProven(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	tamper(t, dir, "UPDATE ip SET country = 'xx'", "UPDATE user SET email = 'x', super = 1 - super", "DELETE FROM batch",
		"UPDATE measurable SET name = 'x', zone = 'x'", "INSERT INTO lease VALUES ('x', 'y', 1)", "INSERT INTO setting VALUES ('x', '1')",
		"UPDATE words_docsize SET origin = origin + 1", "UPDATE sqlite_sequence SET seq = seq + 7")
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
	tamper(t, dir, "UPDATE activity SET batch = NULL")
	if r := verifyIn(t, dir, "words"); r.State != ledger.Verified {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
}

// examples are the queries in docs/data.md.
func examples(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(dataPage)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, m := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		list = append(list, m[1])
	}
	if len(list) != 3 {
		t.Fatalf("%d example queries", len(list))
	}
	return list
}

func TestTheExampleQueriesAnswer(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	pool := plainPool(t, dir)
	defer pool.Close()
	for _, text := range examples(t) {
		if strings.Contains(text, "words") {
			t.Errorf("older sqlite3 programs know no such index of words:\n%s", text)
		}
		rows, err := pool.Query(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Err(); err != nil || n == 0 {
			t.Errorf("%d rows, %v:\n%s", n, err, text)
		}
	}
}

func TestTheExampleQueriesAnswerInTheProgram(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("there is no sqlite3 program here")
	}
	dir := copyLog(t, sampleOf(t).dir)
	answers := map[string]bool{}
	for _, text := range examples(t) {
		cmd := exec.CommandContext(t.Context(), program, "-batch", "file:"+dir+"/activity.db?mode=ro")
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		if err != nil || len(out) == 0 || strings.Contains(string(out), "Error") {
			t.Errorf("%v: %s\n%s", err, out, text)
		}
		answers[string(out)] = true
	}
	if len(answers) != 3 {
		t.Errorf("three questions, %d answers: %v", len(answers), slices.Collect(maps.Keys(answers)))
	}
}
