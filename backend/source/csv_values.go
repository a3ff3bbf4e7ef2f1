package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/activity"
)

// resultOf reads the words that programs have for how something went.
func resultOf(word string) (string, bool) {
	switch strings.ToLower(word) {
	case "ok", "success", "successful", "succeeded", "true", "yes", "1", "passed", "allowed", "granted", "erfolgreich", "ja":
		return activity.OK, true
	case "failed", "failure", "fail", "error", "false", "no", "0", "fehler", "fehlgeschlagen", "nein":
		return activity.Failed, true
	case "denied", "deny", "forbidden", "unauthorized", "unauthorised", "blocked", "rejected", "abgelehnt", "verweigert": //nolint:misspell // as programs write it
		return activity.Denied, true
	}
	return "", false
}

// layouts are the forms of a time that are read. Of days with dots or slashes the
// mapping says whether the day or the month comes first.
var (
	layouts  = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05-0700", time.RFC1123Z, "2006-01-02 15:04:05 MST"}
	local    = []string{"2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04", "2006/01/02 15:04:05", time.DateOnly}
	dayFirst = []string{"2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006, 15:04:05", "2.1.2006", "2/1/2006 15:04:05", "2/1/2006 15:04", "2/1/2006 3:04:05 PM", "2/1/2006"}
	monFirst = []string{"1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006, 3:04:05 PM", "1/2/2006", "1.2.2006 15:04:05", "1.2.2006"}
)

// parseTime reads a time as RFC 3339. Numbers are Unix seconds or milliseconds.
func parseTime(text string, monthFirst bool, zone *time.Location) (string, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) >= 9 {
		at := time.Unix(n, 0)
		if len(text) >= 12 {
			at = time.UnixMilli(n)
		}
		return at.UTC().Format(time.RFC3339Nano), nil
	}
	for _, layout := range layouts {
		if strings.HasSuffix(layout, " MST") && !strings.HasSuffix(text, " UTC") {
			continue // other abbreviations mean several zones
		}
		if at, err := time.Parse(layout, text); err == nil {
			return at.Format(time.RFC3339Nano), nil
		}
	}
	ambiguous := dayFirst
	if monthFirst {
		ambiguous = monFirst
	}
	for _, layout := range slices.Concat(local, ambiguous) {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at.Format(time.RFC3339Nano), nil
		}
	}
	return "", fmt.Errorf("%q is no time that can be read: write it like 2026-11-23 09:15:00", clipped(text))
}
