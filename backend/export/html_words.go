package export

import (
	"fmt"
	"time"

	"activitylog/backend/activity"
)

// words are what a page says in one language besides what activities say.
type words struct {
	lang, query, everything, own, exported, by, times, count, ledger, entries, none, end string
	thousands                                                                            string
	days                                                                                 [7]string // from Sunday
	months                                                                               [12]string
	dated                                                                                string // day, month, year
	results                                                                              map[string]string
	labels                                                                               map[string]string // of columns
}

// wordsOf returns the words of a language; English where there are none.
func wordsOf(lang string) *words {
	if lang == "de" {
		return &german
	}
	return &english
}

func (w *words) date(at time.Time) string {
	return fmt.Sprintf(w.dated, at.Day(), w.months[at.Month()-1], at.Year())
}

func (w *words) weekday(at time.Time) string { return w.days[at.Weekday()] + ", " + w.date(at) }

func (w *words) number(n int64) string { return grouped(n, w.thousands) }

var english = words{
	lang: "en", query: "Query", everything: "Everything", own: "(only the reader’s own activity)", exported: "Exported", by: "by",
	times: "Times in", count: "Activities", ledger: "Ledger at that time", entries: "entries, root", none: "Nothing matches.", end: "End. Activities:",
	thousands: ",", dated: "%d %s %d",
	days: [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
	months: [12]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	},
	results: map[string]string{activity.OK: "OK", activity.Failed: "Failed", activity.Denied: "Denied"},
	labels: map[string]string{
		"id": "Number", "occurredAt": "Time", "recordedAt": "Stored", "type": "Type’s id", "category": "Category’s id", "actor": "Name",
		"actorKind": "Kind of actor", "actorSource": "Known from", "user": "User", "sentence": "Activity", "objectKind": "Kind of object",
		"objectId": "Object’s id", "objectName": "Object", "siteKind": "Kind of site", "site": "Site", "source": "Source", "result": "Result",
		"ip": "IP", "userAgent": "Browser", "requestId": "Request", "externalId": "Id at its source", "reportedBy": "Reported by", "data": "Data", "changes": "Changes",
		"parameters": "Parameters", "raw": "Record", "typeLabel": "Type", "categoryLabel": "Category", "actorLabel": "Who",
		"siteId": "Site’s id", "occurredMs": "Milliseconds", "offsetMinutes": "Offset",
	},
}

var german = words{
	lang: "de", query: "Suche", everything: "Alles", own: "(nur die eigenen Aktivitäten)", exported: "Exportiert", by: "von",
	times: "Zeiten in", count: "Aktivitäten", ledger: "Ledger zu dieser Zeit", entries: "Einträge, Wurzel", none: "Nichts passt.", end: "Ende. Aktivitäten:",
	thousands: ".", dated: "%d. %s %d",
	days: [7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
	months: [12]string{
		"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember",
	},
	results: map[string]string{activity.OK: "OK", activity.Failed: "Fehlgeschlagen", activity.Denied: "Verweigert"},
	labels: map[string]string{
		"id": "Nummer", "occurredAt": "Zeit", "recordedAt": "Gespeichert", "type": "Kennung der Art", "category": "Kennung der Kategorie", "actor": "Name",
		"actorKind": "Art des Akteurs", "actorSource": "Bekannt aus", "user": "Benutzer", "sentence": "Aktivität", "objectKind": "Art des Objekts",
		"objectId": "Kennung des Objekts", "objectName": "Objekt", "siteKind": "Art der Website", "site": "Website", "source": "Quelle",
		"result": "Ergebnis", "ip": "IP", "userAgent": "Browser", "requestId": "Anfrage", "externalId": "Kennung an der Quelle", "reportedBy": "Gemeldet von", "data": "Daten",
		"changes": "Änderungen", "parameters": "Parameter", "raw": "Datensatz", "typeLabel": "Art", "categoryLabel": "Kategorie",
		"actorLabel": "Wer", "siteId": "Kennung der Website", "occurredMs": "Millisekunden", "offsetMinutes": "Versatz",
	},
}
