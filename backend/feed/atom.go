package feed

import (
	"bytes"
	"encoding/xml"
	"time"
)

// The elements of RFC 4287 that are used, in the order they are written.
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		ID        string       `xml:"id"`
		Title     string       `xml:"title"`
		Author    string       `xml:"author>name"`
		Published string       `xml:"published"`
		Updated   string       `xml:"updated"`
		Category  atomCategory `xml:"category"`
		Link      atomLink     `xml:"link"`
		Content   atomContent  `xml:"content"`
	}
	atomCategory struct {
		Term  string `xml:"term,attr"`
		Label string `xml:"label,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	}
)

// atom writes the document as Atom. Everything is text: no reader may take anything of
// it for markup. What XML cannot hold becomes U+FFFD.
func (d document) atom() (Feed, error) {
	out := atomFeed{
		Lang: d.language, ID: d.id, Title: d.title, Updated: stamp(d.updated),
		Links: []atomLink{{"self", "application/atom+xml", d.self}, {"alternate", "text/html", d.home}},
	}
	for _, e := range d.entries {
		out.Entries = append(out.Entries, atomEntry{
			ID: e.id, Title: e.title, Author: e.author, Published: stamp(e.published), Updated: stamp(e.updated),
			Category: atomCategory{e.kind, e.label}, Link: atomLink{"alternate", "text/html", e.url},
			Content: atomContent{"text", e.text},
		})
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	err := enc.Encode(out)
	b.WriteByte('\n')
	return Feed{ContentType: "application/atom+xml; charset=utf-8", Content: b.Bytes()}, err
}

// stamp is RFC 3339 to the millisecond, with the reader's offset.
func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000Z07:00") }
