package widget

import "activitylog/backend/account"

// A Widget is a stored query that pages of other servers show in a frame.
type Widget struct {
	ID        string   `json:"id"` // random; its address is /widget/<id>
	Name      string   `json:"name"`
	Query     string   `json:"query"`
	Ancestors []string `json:"ancestors"` // origins of the pages that may frame it; none: nobody may
	Theme     string   `json:"theme"`     // auto, light, dark
	Limit     int      `json:"limit"`     // rows shown, 1 to 100
	Everybody bool     `json:"everybody"` // shows everybody's activity, while its maker is a super user; else its maker's own
	CreatedAt int64    `json:"createdAt"`
	// Token is the one that opens it, made by the widget's maker; its state says whether
	// the widget is open.
	Token account.APIToken `json:"token"`
}

// ListIn asks for the caller's widgets; a super user gets everybody's.
type ListIn struct{}

// List is the answer of Widgets, newest first.
type List struct {
	Widgets []Widget `json:"widgets"`
}

// CreateIn makes a widget and the token that opens it.
type CreateIn struct {
	Name      string   `json:"name"`
	Query     string   `json:"query"`
	Ancestors []string `json:"ancestors"` // origins (RFC 6454): of https, or of http for localhost and 127.0.0.1
	Theme     string   `json:"theme"`     // "" is auto
	Limit     int      `json:"limit"`     // 0 is 20
	Everybody bool     `json:"everybody"`
	ExpiresAt *int64   `json:"expiresAt"` // ms when its token ends; null: never
}

// A Made is a widget whose token was just made, and the only time its secret is seen.
type Made struct {
	Widget Widget `json:"widget"`
	Secret string `json:"secret"`
}

// ChangeIn changes a widget; null leaves a field as it is.
type ChangeIn struct {
	ID        string    `json:"id"`
	Name      *string   `json:"name"`
	Query     *string   `json:"query"`
	Ancestors *[]string `json:"ancestors"`
	Theme     *string   `json:"theme"`
	Limit     *int      `json:"limit"`
	Everybody *bool     `json:"everybody"`
}

// RemoveIn removes a widget.
type RemoveIn struct {
	ID string `json:"id"`
}

// Removed is the answer of RemoveWidget.
type Removed struct{}

// RenewIn replaces the token that opens a widget.
type RenewIn struct {
	ID        string `json:"id"`
	ExpiresAt *int64 `json:"expiresAt"` // ms; null: never
}

// ViewIn opens a widget.
type ViewIn struct {
	ID string `json:"id"`
}

// A View is what a widget shows, in the language and zone of its maker.
type View struct {
	Name     string `json:"name"`
	Theme    string `json:"theme"`
	Language string `json:"language"`
	Zone     string `json:"zone"` // IANA name; "": its maker chose none
	Rows     []Row  `json:"rows"` // newest first
}

// A Row is an activity as far as a widget tells of it: no address, device, changes or
// parameters.
type Row struct {
	ID         string `json:"id"`
	OccurredAt int64  `json:"occurredAt"` // ms
	TypeLabel  string `json:"typeLabel"`
	Tone       string `json:"tone"` // create, update, delete, access, system
	Actor      string `json:"actor"`
	Sentence   []Part `json:"sentence"` // past tense, without the subject
	Result     string `json:"result"`   // ok, failed, denied
}

// A Part is a piece of a sentence.
type Part struct {
	Kind string `json:"kind"` // text, actor, object, site, value, result
	Text string `json:"text"`
}
