package source

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"activitylog/backend/activity"
)

// A commit as git tells it, its texts made valid.
type commit struct {
	hash      string
	parents   []string
	author    person
	committer person
	message   string
	escaped   []string // the texts that were not UTF-8
}

type person struct {
	name, email string
	at          time.Time
}

// commitParameters are what a CommitCreated carries beside its object.
type commitParameters struct {
	Subject        string   `json:"subject,omitempty"`
	Body           string   `json:"body,omitempty"`
	Email          string   `json:"email,omitempty"`
	Committer      string   `json:"committer,omitempty"`
	CommitterEmail string   `json:"committerEmail,omitempty"`
	CommittedAt    string   `json:"committedAt,omitempty"`
	Parents        []string `json:"parents"`
	Escaped        []string `json:"escaped,omitempty"`
}

// fileParameters are what a FileCreated, FileChanged or FileDeleted carries.
type fileParameters struct {
	Commit  string   `json:"commit"`
	Subject string   `json:"subject,omitempty"`
	Email   string   `json:"email,omitempty"`
	Escaped []string `json:"escaped,omitempty"`
}

// newCommit takes the fields of gitFields behind the hash.
func newCommit(hash string, f [8][]byte) commit {
	c := commit{hash: hash, parents: strings.Fields(string(f[0]))}
	text := func(name string, data []byte) string {
		text, exact := lossless(data)
		if !exact {
			c.escaped = append(c.escaped, name)
		}
		return text
	}
	c.author = person{text("author", f[1]), text("email", f[2]), rawDate(f[3])}
	c.committer = person{text("committer", f[4]), text("committerEmail", f[5]), rawDate(f[6])}
	c.message = text("message", f[7])
	if c.parents == nil {
		c.parents = []string{}
	}
	return c
}

// lossless returns text as it is. In bytes that are not UTF-8 it writes \ as \\ and
// each wrong byte as \xNN, so that they can be had back, and returns false.
func lossless(data []byte) (string, bool) {
	if utf8.Valid(data) {
		return string(data), true
	}
	var b strings.Builder
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02X`, data[0])
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.Write(data[:size])
		}
		data = data[size:]
	}
	return b.String(), false
}

// rawDate reads "1700000000 +0100". A zone that is none counts as UTC.
func rawDate(data []byte) time.Time {
	seconds, zone, _ := strings.Cut(string(data), " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return time.Unix(unix, 0).In(rawZone(zone))
}

func rawZone(zone string) *time.Location {
	if len(zone) != 5 || zone[0] != '+' && zone[0] != '-' {
		return time.UTC
	}
	n, err := strconv.Atoi(zone[1:])
	if err != nil || n/100 > 14 || n%100 > 59 {
		return time.UTC
	}
	offset := (n/100*60 + n%100) * 60
	if zone[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("", offset)
}

// stamp writes a time for a draft. RFC 3339 has years of four digits only: others are
// written so that the draft is refused with that reason.
func stamp(at time.Time) string { return at.Format(time.RFC3339) }

func (c commit) actor() *activity.DraftActor {
	name := strings.TrimSpace(c.author.name)
	if name == "" {
		name = c.author.email
	}
	if name == "" {
		return &activity.DraftActor{Kind: activity.KindAnonymous, Name: "unknown"}
	}
	if len(name) > 1024 {
		name = strings.ToValidUTF8(name[:1024], "")
	}
	return &activity.DraftActor{Kind: activity.KindUser, Name: name}
}

func (c commit) subject() (subject, body string) {
	subject, body, _ = strings.Cut(strings.TrimLeft(c.message, "\n"), "\n")
	return subject, strings.Trim(body, "\n")
}

// draft is the commit itself.
func (c commit) draft() activity.Draft {
	at := stamp(c.author.at)
	p := commitParameters{Email: c.author.email, Parents: c.parents, Escaped: c.escaped}
	p.Subject, p.Body = c.subject()
	if c.committer.name != c.author.name || c.committer.email != c.author.email {
		p.Committer, p.CommitterEmail = c.committer.name, c.committer.email
	}
	if !c.committer.at.Equal(c.author.at) {
		p.CommittedAt = stamp(c.committer.at)
	}
	return activity.Draft{
		Type: "CommitCreated", Actor: c.actor(), OccurredAt: &at, Parameters: encodeJSON(p),
		Object: &activity.Object{Kind: "commit", ID: c.hash, Name: c.hash[:min(len(c.hash), 10)]}, ExternalID: &c.hash,
	}
}

// file is what the commit did to a file: A created it, D deleted it, anything else
// changed it.
func (c commit) file(status string, path []byte) activity.Draft {
	at := stamp(c.author.at)
	types := map[string]string{"A": "FileCreated", "D": "FileDeleted"}
	typ, ok := types[status]
	if !ok {
		typ = "FileChanged"
	}
	name, exact := lossless(path)
	p := fileParameters{Commit: c.hash, Email: c.author.email}
	p.Subject, _ = c.subject()
	id := c.hash + ":" + name
	if !exact {
		// No path begins with a slash, so this is no other file's.
		p.Escaped = []string{"file"}
		id = c.hash + ":/base64/" + base64.StdEncoding.EncodeToString(path)
	}
	return activity.Draft{
		Type: typ, Actor: c.actor(), OccurredAt: &at, Parameters: encodeJSON(p),
		Object: &activity.Object{Kind: "file", ID: name, Name: name}, ExternalID: &id,
	}
}
