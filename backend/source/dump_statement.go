package source

import (
	"bytes"
	"slices"
	"strings"
)

// statement reads the beginning of the next statement, or all of one that has no rows
// that are wanted.
func (d *dump) statement() error {
	c, err := d.peek()
	if err != nil {
		return err
	}
	if c == ';' {
		_, err = d.read()
		return err
	}
	word, err := d.name()
	if err != nil {
		return err
	}
	switch strings.ToUpper(word) {
	case "INSERT", "REPLACE":
		return d.insert()
	case "CREATE":
		return d.create()
	case "DELIMITER":
		return d.program()
	case "":
		_, err = d.read() // something that begins no statement
		if err == nil {
			err = d.skip(nil)
		}
		return err
	}
	return d.skip(nil)
}

// insert reads INSERT INTO `t` (`a`, `b`) VALUES.
func (d *dump) insert() error {
	table, err := d.tableBehind("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY", "IGNORE", "INTO")
	if err != nil {
		return err
	}
	columns, err := d.names()
	if err != nil {
		return err
	}
	word, err := d.name()
	if err != nil {
		return err
	}
	rows := strings.EqualFold(word, "VALUES") || strings.EqualFold(word, "VALUE")
	if !d.ours(table) || !rows {
		if !rows {
			return d.skip(nil)
		}
		return d.skip(&d.skipped)
	}
	if columns == nil {
		columns = d.columns[table]
	}
	d.table, d.inserts, d.inside = table, columns, true
	return nil
}

// create remembers the columns of a table that is wanted.
func (d *dump) create() error {
	table, err := d.tableBehind("TEMPORARY", "TABLE", "IF", "NOT", "EXISTS")
	if err != nil {
		return err
	}
	if d.ours(table) {
		if d.columns[table], err = d.names(); err != nil {
			return err
		}
	}
	return d.skip(nil)
}

// tableBehind reads words of the language and the name of a table, without its
// database's.
func (d *dump) tableBehind(words ...string) (string, error) {
	for {
		c, err := d.peek()
		if err != nil {
			return "", err
		}
		word, err := d.name()
		if err != nil {
			return "", err
		}
		if c != '`' && c != '"' && slices.Contains(words, strings.ToUpper(word)) {
			continue
		}
		if next, _ := d.r.Peek(1); len(next) == 1 && next[0] == '.' {
			_, _ = d.read()
			return d.name()
		}
		if at := strings.LastIndexByte(word, '.'); at >= 0 && c != '`' && c != '"' {
			word = word[at+1:]
		}
		return word, nil
	}
}

// keyWords begin what is no column in a CREATE TABLE.
var keyWords = []string{"PRIMARY", "KEY", "INDEX", "UNIQUE", "CONSTRAINT", "FULLTEXT", "FOREIGN", "CHECK"}

// names reads the names at the beginning of each part of (`a` int, `b` text, KEY …),
// nil if there is no parenthesis. Keys and the like are left out: they begin with a word
// of the language.
func (d *dump) names() ([]string, error) {
	if c, err := d.peek(); err != nil || c != '(' {
		return nil, err
	}
	_, _ = d.read()
	var names []string
	for {
		c, err := d.peek()
		if err != nil {
			return nil, err
		}
		name, err := d.name()
		if err != nil {
			return nil, err
		}
		if c == '`' || c == '"' || !slices.Contains(keyWords, strings.ToUpper(name)) {
			names = append(names, strings.ToLower(name))
		}
		end, err := d.part()
		if err != nil {
			return nil, err
		}
		if end {
			return names, nil
		}
	}
}

// part steps over the rest of one part of a list and reports whether it was the last.
func (d *dump) part() (bool, error) {
	depth := 0
	for {
		c, err := d.read()
		if err != nil {
			return false, err
		}
		switch {
		case c == '\'' || c == '"' || c == '`':
			d.skipQuoted(c)
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return true, nil
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			return false, nil
		}
	}
}

// name reads a word, or a name in quotes; "" if neither stands there.
func (d *dump) name() (string, error) {
	c, err := d.peek()
	if err != nil {
		return "", err
	}
	if c != '`' && c != '"' {
		return d.bare()
	}
	_, _ = d.read()
	size := 0
	text, err := d.quotedText(c, &size)
	return text.text, err
}

// skip steps over the rest of a statement. It adds the rows it passes to count.
func (d *dump) skip(count *int64) error {
	depth := 0
	for {
		c, err := d.peek() // also steps over comments
		if err != nil {
			return err
		}
		_, _ = d.read()
		switch c {
		case '\'', '"', '`':
			d.skipQuoted(c)
		case '(':
			if depth++; depth == 1 && count != nil {
				*count++
			}
		case ')':
			depth--
		case ';':
			return nil
		}
	}
}

// skipQuoted steps over a text behind its quote.
func (d *dump) skipQuoted(quote byte) {
	for {
		c, err := d.read()
		if err != nil {
			return
		}
		if c == '\\' && quote != '`' {
			if _, err := d.read(); err != nil {
				return
			}
		}
		if c == quote { // two of them are two texts here, which comes to the same
			return
		}
	}
}

// program steps over statements with another delimiter: the bodies of triggers.
func (d *dump) program() error {
	for first := true; ; first = false {
		line, err := d.rest()
		if err != nil {
			return err
		}
		word, ok := bytes.CutPrefix(bytes.ToUpper(bytes.TrimSpace(line)), []byte("DELIMITER "))
		if first {
			word, ok = bytes.TrimSpace(line), true
		}
		if ok && string(bytes.TrimSpace(word)) == ";" {
			return nil
		}
	}
}

// rest reads to the end of the line; of a long one the beginning only.
func (d *dump) rest() ([]byte, error) {
	var out []byte
	for {
		c, err := d.read()
		if err != nil {
			return out, err
		}
		if c == '\n' {
			return out, nil
		}
		if len(out) < 80 {
			out = append(out, c)
		}
	}
}

// peek returns the next byte that is neither white space nor in a comment.
func (d *dump) peek() (byte, error) {
	for {
		head, err := d.r.Peek(3)
		if len(head) == 0 {
			return 0, err
		}
		switch c := head[0]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			_, err = d.read()
		case c == '#', bytes.HasPrefix(head, []byte("--")) && (len(head) < 3 || strings.IndexByte(" \t\r\n", head[2]) >= 0):
			_, err = d.rest()
		case bytes.HasPrefix(head, []byte("/*")):
			err = d.comment()
		default:
			return c, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

func (d *dump) comment() error {
	_, _ = d.r.Discard(2) // of what was peeked at
	var before byte
	for {
		c, err := d.read()
		if err != nil {
			return err
		}
		if before == '*' && c == '/' {
			return nil
		}
		before = c
	}
}
