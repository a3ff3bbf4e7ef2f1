package export

import (
	"bufio"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/activity"
)

// columns are the columns of a CSV file, in order. They are part of the format:
// further ones go to the end.
var columns = []string{
	"id", "occurredAt", "recordedAt", "type", "category", "actor", "actorKind", "actorSource", "user", "sentence",
	"objectKind", "objectId", "objectName", "siteKind", "site", "source", "result", "ip", "userAgent", "requestId",
	"externalId", "changes", "parameters", "reportedBy",
}

// csvWriter writes RFC 4180: UTF-8, commas, CRLF, a heading. Times are RFC 3339 with
// the actor's own offset; changes and parameters are JSON. The raw record is left
// out. A cell that a spreadsheet would run as a formula gets a ' in front.
type csvWriter struct{ out *bufio.Writer }

func (w csvWriter) begin() error { return w.row(columns) }

func (w csvWriter) end() error { return w.out.Flush() }

func (w csvWriter) write(a activity.Activity, _ json.RawMessage) error {
	changes, err := json.Marshal(a.Changes)
	if err != nil {
		return err
	}
	var sentence strings.Builder
	for _, part := range a.Sentence {
		sentence.WriteString(part.Text)
	}
	object, site := activity.Object{}, activity.SiteRef{}
	if a.Object != nil {
		object = *a.Object
	}
	if a.Site != nil {
		site = *a.Site
	}
	return w.row([]string{
		a.ID, stamp(a.OccurredAt, a.OffsetMinutes), stamp(a.RecordedAt, 0), a.Type, a.Category,
		a.Actor.Name, a.Actor.Kind, a.Actor.Source, text(a.Actor.User), sentence.String(),
		object.Kind, object.ID, object.Name, site.Kind, site.Name, a.Source, a.Result, text(a.IP), text(a.UserAgent),
		text(a.RequestID), text(a.ExternalID), string(changes), string(a.Parameters), a.ReportedBy,
	})
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func stamp(ms int64, offset int) string {
	return time.UnixMilli(ms).In(time.FixedZone("", offset*60)).Format("2006-01-02T15:04:05.000Z07:00")
}

func (w csvWriter) row(cells []string) error {
	for i, cell := range cells {
		if i > 0 {
			_ = w.out.WriteByte(',') // a bufio.Writer keeps its first error
		}
		_, _ = w.out.WriteString(quote(safe(cell)))
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

func quote(cell string) string {
	// LibreOffice takes semicolons and tabs for separators too, unless quoted.
	if !strings.ContainsAny(cell, "\",;\t\r\n") && strings.TrimSpace(cell) == cell {
		return cell
	}
	return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
}

// safe keeps a spreadsheet from running a cell, also one that begins with what it
// may skip: white space, and characters that are not shown.
func safe(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(cell, skipped))
	if strings.ContainsRune("=+-@＝＋－＠", first) || cell != "" && strings.ContainsRune("\t\r\n\x00", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func skipped(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) }
