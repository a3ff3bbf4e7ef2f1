package export

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the style
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"activitylog/backend/activity"
)

//go:embed page.css
var pageStyle string

// pagePolicy lets the page be drawn by its own style and do nothing else: no script
// runs and nothing is fetched, whatever an activity says.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}()

// pageColumns are those of a page that nobody chose columns for: what a person reads.
var pageColumns = named("occurredAt", "actorLabel", "sentence", "changes", "site", "ip", "result")

// htmlWriter writes one page that is complete in itself, to be read and printed: a table
// a day, sentences in the reader's language, every text escaped.
type htmlWriter struct {
	sheet
	words *words
	shown []column // of the table: changes stand under the sentence, if both were chosen
	under bool     // they do
	apart bool     // the result has a column of its own
	day   string   // of the table that is open, "" for none
}

// many are the columns that do not fit side by side.
const many = 9

func newHTML(s sheet) writer {
	w := &htmlWriter{sheet: s, words: wordsOf(s.about.Language), shown: s.columns}
	names := namesOf(s.columns)
	w.apart = slices.Contains(names, "result")
	if slices.Contains(names, "sentence") && slices.Contains(names, "changes") {
		w.under = true
		w.shown = slices.DeleteFunc(slices.Clone(s.columns), func(c column) bool { return c.name == "changes" })
	}
	return w
}

func (w *htmlWriter) begin() error {
	m, say := w.about, w.words
	w.puts("<!DOCTYPE html>\n<html lang=\"", say.lang, "\">\n<head>\n<meta charset=\"utf-8\">\n")
	w.puts("<meta http-equiv=\"Content-Security-Policy\" content=\"", pagePolicy, "\">\n")
	w.puts("<meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"referrer\" content=\"no-referrer\">\n")
	w.puts("<meta name=\"color-scheme\" content=\"light dark\">\n<title>Activity Log, ", say.date(w.began), "</title>\n<style>", pageStyle, "</style>\n</head>\n")
	w.puts("<body>\n<header>\n<h1>Activity Log</h1>\n<dl>\n")
	w.fact(say.query, func() {
		if m.Query == "" {
			w.puts(say.everything)
		} else {
			w.puts("<code dir=\"auto\">")
			w.text(m.Query)
			w.puts("</code>")
		}
		if m.Scope == "own" {
			w.puts(" ", say.own)
		}
	})
	w.fact(say.exported, func() {
		w.puts(say.date(w.began), ", ", w.began.Format("15:04:05"), " ", say.by, " <bdi>")
		w.text(m.By.Name)
		w.puts("</bdi>")
	})
	w.fact(say.times, func() { w.text(strings.ReplaceAll(m.Zone, "_", " ")) })
	w.fact(say.count, func() { w.puts(say.number(w.total)) })
	if m.Log.Size != nil {
		w.fact(say.ledger, func() { w.puts(*m.Log.Size, " ", say.entries, " <code>", *m.Log.Root, "</code>") })
	}
	w.puts("</dl>\n</header>\n<main>\n")
	return w.out.Flush()
}

func (w *htmlWriter) fact(name string, value func()) {
	w.puts("<div><dt>", name, "</dt><dd>")
	value()
	w.puts("</dd></div>\n")
}

func (w *htmlWriter) write(r row) error {
	at := time.UnixMilli(r.OccurredAt).In(w.zone)
	if day := at.Format(time.DateOnly); day != w.day {
		w.endDay()
		w.day = day
		section, table := "<section>", "<table>"
		if len(w.shown) >= many { // what scrolls must be reachable by keyboard
			section, table = "<section tabindex=\"0\">", "<table class=\"many\">"
		}
		w.puts(section, "\n<h2><time datetime=\"", day, "\">", w.words.weekday(at), "</time></h2>\n", table, "\n<thead><tr>")
		for _, c := range w.shown {
			w.puts("<th scope=\"col\">", w.words.labels[c.name], "</th>")
		}
		w.puts("</tr></thead>\n<tbody>\n")
	}
	w.puts("<tr>")
	for _, c := range w.shown {
		w.cell(c, r, at)
	}
	w.puts("</tr>\n")
	_, err := w.out.WriteString("") // its first error, kept from before
	return err
}

func (w *htmlWriter) cell(c column, r row, at time.Time) {
	switch c.name {
	case "occurredAt":
		w.puts("<td class=\"at\"><time datetime=\"", moment(r.OccurredAt, w.zone), "\">", at.Format("15:04:05"), "</time></td>")
		return
	case "recordedAt":
		at = time.UnixMilli(r.RecordedAt).In(w.zone)
		w.puts("<td class=\"at\"><time datetime=\"", moment(r.RecordedAt, w.zone), "\">", at.Format(time.DateTime), "</time></td>")
		return
	case "sentence":
		w.puts("<td class=\"what\">")
		w.sentence(r.Sentence)
		if w.under && len(r.Changes) > 0 {
			w.changes(r.Changes)
		}
		w.puts("</td>")
		return
	case "result":
		w.puts("<td>")
		w.result(r.Result)
		w.puts("</td>")
		return
	case "changes":
		w.puts("<td class=\"wide\">")
		if len(r.Changes) > 0 {
			w.changes(r.Changes)
		}
		w.puts("</td>")
		return
	}
	switch value := flatten(c.cell(r)); {
	case value == "" || c.kind == nested && value == "{}":
		w.puts("<td></td>")
	case c.kind == nested:
		w.puts("<td class=\"wide\"><code>")
		w.text(value)
		w.puts("</code></td>")
	default:
		w.puts("<td dir=\"auto\">")
		w.text(value)
		w.puts("</td>")
	}
}

// sentence sets names apart from what stands around them.
func (w *htmlWriter) sentence(parts []activity.Part) {
	for _, part := range parts {
		switch part.Kind {
		case "text":
			w.text(part.Text)
		case "result":
			if w.apart {
				continue
			}
			w.puts("<span class=\"bad\">")
			w.text(part.Text)
			w.puts("</span>")
		default:
			w.puts("<b>")
			w.text(part.Text)
			w.puts("</b>")
		}
	}
}

func (w *htmlWriter) result(result string) {
	label, known := w.words.results[result]
	switch {
	case !known:
		w.text(result)
	case result == activity.OK:
		w.puts("<span class=\"ok\">", label, "</span>")
	default:
		w.puts("<span class=\"bad\">", label, "</span>")
	}
}

func (w *htmlWriter) changes(list []activity.Change) {
	w.puts("<ul>")
	for _, c := range list {
		w.puts("<li><bdi>")
		w.text(c.Field)
		w.puts("</bdi>: <del>")
		w.value(c.Old)
		w.puts("</del> → <ins>")
		w.value(c.New)
		w.puts("</ins></li>")
	}
	w.puts("</ul>")
}

// value shows a text without its quotes, everything else as JSON.
func (w *htmlWriter) value(raw json.RawMessage) {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		if text := string(raw); text == "" || text == "null" {
			w.puts("–")
		} else {
			w.text(text)
		}
		return
	}
	w.text(*text)
}

func (w *htmlWriter) endDay() {
	if w.day != "" {
		w.puts("</tbody>\n</table>\n</section>\n")
	}
}

func (w *htmlWriter) end(n int64) error {
	w.endDay()
	if n == 0 {
		w.puts("<p>", w.words.none, "</p>\n")
	}
	w.puts("</main>\n<footer>", w.words.end, " ", w.words.number(n), "</footer>\n</body>\n</html>\n")
	return w.out.Flush()
}

// puts writes what is ours and needs no escaping.
func (w *htmlWriter) puts(texts ...string) { puts(w.out, texts...) }

func puts(out *bufio.Writer, texts ...string) {
	for _, text := range texts {
		_, _ = out.WriteString(text) // a bufio.Writer keeps its first error
	}
}

// text writes what is not ours.
func (w *htmlWriter) text(text string) { escape(w.out, text) }
