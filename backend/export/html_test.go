package export

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"activitylog/backend/activity"
)

// page is a page of activities in a language, all columns chosen or the page's own.
func page(t *testing.T, lang string, columns []column, list ...activity.Activity) string {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := newHTML(sheet{
		out: bufio.NewWriter(&out), columns: columns, zone: zone, began: time.UnixMilli(1_795_392_001_000).In(zone), total: 1203,
		about: Manifest{Language: lang, Query: `actor:"<ann>"`, Zone: "Europe/Berlin", Scope: "own", By: By{Name: "ann & co"}},
	})
	if err := w.begin(); err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if err := w.write(row{a, json.RawMessage(`{"r":"<raw>"}`), zone}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.end(int64(len(list))); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAPageIsReadInTheReadersLanguage(t *testing.T) {
	late := sample()
	late.OccurredAt += 22 * 3_600_000 // 23:00 UTC is the next day in Berlin
	late.Result, late.Changes = activity.Failed, nil
	for lang, want := range map[string][]string{
		"en": {`<html lang="en">`, "Monday, 23 November 2026", "Times in</dt><dd>Europe/Berlin", "1,203", "Failed", "End. Activities: 3"},
		"de": {`<html lang="de">`, "Montag, 23. November 2026", "Zeiten in</dt><dd>Europe/Berlin", "1.203", "Fehlgeschlagen", "Ende. Aktivitäten: 3"},
		"xx": {`<html lang="en">`, "Monday, 23 November 2026"},
	} {
		got := page(t, lang, pageColumns, sample(), sample(), late)
		want = append(want, `actor:&#34;&lt;ann&gt;&#34;`, "ann &amp; co", ">01:00:00<", ">23:00:00<", `datetime="2026-11-23T01:00:00.123+01:00"`,
			"changed the goal <b>Sign-up</b>", "<bdi>name</bdi>: <del>a</del> → <ins>9007199254740993</ins>", "203.0.113.7")
		for _, text := range want {
			if !strings.Contains(got, text) {
				t.Errorf("%s: %s is missing in\n%s", lang, text, got)
			}
		}
		if n := strings.Count(got, "<h2>"); n != 1 {
			t.Errorf("%s: %d days", lang, n)
		}
	}
	next := sample()
	next.OccurredAt += 23 * 3_600_000
	if n := strings.Count(page(t, "en", pageColumns, sample(), next), "<h2>"); n != 2 {
		t.Errorf("midnight in the zone makes %d days", n)
	}
	if got := page(t, "de", pageColumns); !strings.Contains(got, "Nichts passt.") {
		t.Errorf("an empty page: %s", got)
	}
}

func TestEveryColumnHasALabel(t *testing.T) {
	for _, w := range []*words{&english, &german} {
		for _, c := range columns {
			if w.labels[c.name] == "" {
				t.Errorf("%s: %s", w.lang, c.name)
			}
		}
		if len(w.labels) != len(columns) {
			t.Errorf("%s: labels of columns that are not there", w.lang)
		}
	}
}

// The policy names the very style of the page, allows nothing else and comes before
// anything that it could forbid.
func TestThePolicyOfAPage(t *testing.T) {
	got := page(t, "en", columns, sample())
	_, after, _ := strings.Cut(got, "<style>")
	style, _, _ := strings.Cut(after, "</style>")
	sum := sha256.Sum256([]byte(style))
	policy := `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-` +
		base64.StdEncoding.EncodeToString(sum[:]) + `'; base-uri 'none'; form-action 'none'">`
	if !strings.HasPrefix(got, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+policy) {
		t.Errorf("%.400s", got)
	}
	for _, never := range []string{"style=", "<script", "<link", "<img", "http://", "https://", "url(", "@import", " on"} {
		markup := strings.ReplaceAll(got, "scope=\"col\"", "")
		for _, tag := range tagsOf(markup) {
			if strings.Contains(tag, never) {
				t.Errorf("%s in %s", never, tag)
			}
		}
		if strings.Contains(style, never) && never != " on" {
			t.Errorf("%s in the style", never)
		}
	}
}

func tagsOf(text string) (tags []string) {
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tags
		case html.StartTagToken, html.SelfClosingTagToken:
			tags = append(tags, string(z.Raw()))
		}
	}
}

func TestWhatIsNotShownIsNamed(t *testing.T) {
	a := sample()
	a.Actor.Label = "ann\u202egpj.exe\x00\x1b[31m\u200b\n\ufeff\u2028ü\xff"
	got := page(t, "en", pageColumns, a)
	want := `<td dir="auto">ann<i title="U+202E">U+202E</i>gpj.exe<i title="U+0000">␀</i><i title="U+001B">␛</i>[31m` +
		`<i title="U+200B">U+200B</i><i title="U+000A">↵</i><i title="U+FEFF">U+FEFF</i><i title="U+2028">U+2028</i>ü` + "\ufffd</td>"
	if !strings.Contains(got, want) {
		t.Errorf("%s is missing in\n%s", want, got)
	}
}

// evil is an activity with a text in every field that may be one.
func evil(text string) activity.Activity {
	value := encoded(text)
	return activity.Activity{
		ID: "1", OccurredAt: 1_795_392_000_123, Type: text, TypeLabel: text, Category: text, CategoryLabel: text,
		Actor:  activity.Actor{Kind: text, Source: text, Name: text, Label: text, User: &text},
		Object: &activity.Object{Kind: text, ID: text, Name: text}, Site: &activity.SiteRef{ID: &text, Kind: text, Name: text},
		Source: text, Result: text, IP: &text, UserAgent: &text, RequestID: &text, ExternalID: &text,
		Changes:    []activity.Change{{Field: text, Old: value, New: encoded([]string{text})}},
		Parameters: encoded(map[string]string{text: text}),
		Sentence:   []activity.Part{{Kind: "text", Text: text}, {Kind: "object", Text: text, Filter: text}, {Kind: "result", Text: text}},
	}
}

// structure is a page's elements with their attributes' names, in order.
func structure(t *testing.T, text string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			b.WriteString("<!---->")
		}
		if n.Type != html.ElementNode || n.Data == "i" {
			continue
		}
		b.WriteString("<" + n.Data)
		for _, a := range n.Attr {
			b.WriteString(" " + a.Key)
		}
		b.WriteByte('>')
	}
	return b.String()
}

// No text adds an element or an attribute to the page, and each comes out as it is.
func FuzzPage(f *testing.F) {
	for _, seed := range []string{
		"x", "<script>a</script>", `"><img src=x onerror=a>`, "</td></table></style><b>", "<!--", "-->", "]]>", "&lt;&#0;", "\x00", "\u202e", "' onx='",
		"\xff<\xfe>", "</title>", "\r\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return // empty cells are left out
		}
		for _, list := range [][]column{pageColumns, columns} {
			got := page(t, "en", list, evil(text))
			if want := structure(t, page(t, "en", list, evil("x"))); structure(t, got) != want {
				t.Fatalf("%q changes the page:\n%s\nwant\n%s", text, structure(t, got), want)
			}
		}
	})
}

// The fuzz test can fail: a text that is written as it is changes the page.
func TestTheStructureNotices(t *testing.T) {
	want := structure(t, page(t, "en", pageColumns, evil("x")))
	for _, text := range []string{"<u>", "</td>", "<script>", "<!--"} {
		if structure(t, strings.ReplaceAll(page(t, "en", pageColumns, evil("x")), ">x<", ">"+text+"<")) == want {
			t.Errorf("%s goes unnoticed", text)
		}
	}
}
