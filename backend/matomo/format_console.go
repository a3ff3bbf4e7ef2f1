package matomo

import (
	"bufio"
	"context"
	"strconv"
	"strings"
)

// console is core's format for its own command line. Core also says in it that there is
// no such format.
type console struct{}

func (console) header() (string, string) { return plainText, "" }
func (console) table() bool              { return true }

func (console) check(v any) error {
	_, err := tableOf(v)
	return err
}

func (console) failure(message string) (string, string) {
	return plainText, "Error: " + escapeHTML(message)
}

func (console) write(ctx context.Context, w *bufio.Writer, v any) error {
	if v == nil {
		puts(w, "Success:", success)
		return nil
	}
	t, err := tableOf(v)
	if err != nil {
		return err
	}
	i := 0
	for m, err := range t.rows(ctx) {
		if err != nil {
			return err
		}
		i++
		cells := make([]string, len(m))
		for n, p := range m {
			text := scalar(p.Value)
			if s, ok := p.Value.(string); ok {
				text = "'" + s + "'"
			}
			cells[n] = "'" + p.Key + "' => " + text
		}
		puts(w, "- ", strconv.Itoa(i), " [", strings.Join(cells, ", "), "] [] [idsubtable = ]<br />\n")
	}
	if i == 0 {
		puts(w, "Empty table<br />\n")
	}
	return nil
}

// rss is for reports by date only: everything else is refused, as there.
type rss struct{ console }

func (rss) table() bool { return false }

func (rss) check(v any) error {
	if v == nil {
		return nil
	}
	return fail(statusOK, "RSS feeds can be generated for one specific website &idSite=X.\n"+
		"Please specify only one idSite or consider using &format=XML instead.")
}
