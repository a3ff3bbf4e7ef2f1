package sqlite

import (
	"bytes"
	"encoding/json"
	"strconv"

	"activitylog/backend/activity"
)

// A bodyView is what verification compares of a body, read without decoding the
// whole: the keys have a fixed order, and what follows the result (changes,
// parameters, raw) is in no column. Slices point into the body where no character is
// escaped. A nil slice is JSON's null.
type bodyView struct {
	occurredAt, offset                           int64
	typ, source, result                          []byte
	actorKind, actorSource, actorName, actorUser []byte
	hasObject, hasSite                           bool
	objectKind, objectID, objectName             []byte
	siteID, siteKind, siteName                   []byte
	external, ip                                 []byte
}

// read fills v from a body as [activity.Body.Encode] writes it and reports whether
// it has that form as far as the result. It allocates only for escaped strings.
func (v *bodyView) read(body []byte) bool {
	s := bodyScanner{rest: body, ok: true}
	s.literal(`{"v":` + strconv.Itoa(activity.BodyVersion) + `,"occurredAt":`)
	v.occurredAt = s.number()
	s.literal(`,"offsetMinutes":`)
	v.offset = s.number()
	s.literal(`,"type":`)
	v.typ = s.text()
	s.literal(`,"actor":{"kind":`)
	v.actorKind = s.text()
	s.literal(`,"source":`)
	v.actorSource = s.text()
	s.literal(`,"name":`)
	v.actorName = s.textOrNull()
	s.literal(`,"user":`)
	v.actorUser = s.textOrNull()
	s.literal(`},"object":`)
	v.object(&s)
	s.literal(`,"site":`)
	v.site(&s)
	s.literal(`,"source":`)
	v.source = s.text()
	s.literal(`,"externalId":`)
	v.external = s.textOrNull()
	s.literal(`,"ip":`)
	v.ip = s.textOrNull()
	s.literal(`,"userAgent":`)
	s.textOrNull()
	s.literal(`,"requestId":`)
	s.textOrNull()
	s.literal(`,"result":`)
	v.result = s.text()
	s.literal(`,"changes":[`)
	return s.ok && bytes.HasSuffix(s.rest, []byte("}"))
}

func (v *bodyView) object(s *bodyScanner) {
	v.objectKind, v.objectID, v.objectName = nil, nil, nil
	if v.hasObject = !s.null(); !v.hasObject {
		return
	}
	s.literal(`{"kind":`)
	v.objectKind = s.text()
	s.literal(`,"id":`)
	v.objectID = s.text()
	s.literal(`,"name":`)
	v.objectName = s.text()
	s.literal(`}`)
}

func (v *bodyView) site(s *bodyScanner) {
	v.siteID, v.siteKind, v.siteName = nil, nil, nil
	if v.hasSite = !s.null(); !v.hasSite {
		return
	}
	s.literal(`{"id":`)
	v.siteID = s.textOrNull()
	s.literal(`,"kind":`)
	v.siteKind = s.text()
	s.literal(`,"name":`)
	v.siteName = s.text()
	s.literal(`}`)
}

// A bodyScanner takes a body apart from the front. After the first thing that does
// not fit ok is false and nothing is taken any more.
type bodyScanner struct {
	rest []byte
	ok   bool
}

func (s *bodyScanner) literal(want string) {
	if s.ok = s.ok && len(s.rest) >= len(want) && string(s.rest[:len(want)]) == want; s.ok {
		s.rest = s.rest[len(want):]
	}
}

func (s *bodyScanner) null() bool {
	if !s.ok || !bytes.HasPrefix(s.rest, []byte("null")) {
		return false
	}
	s.rest = s.rest[len("null"):]
	return true
}

func (s *bodyScanner) number() int64 {
	end := 0
	for end < len(s.rest) && (s.rest[end] == '-' || s.rest[end] >= '0' && s.rest[end] <= '9') {
		end++
	}
	n, err := strconv.ParseInt(string(s.rest[:end]), 10, 64)
	if err != nil || !s.ok {
		s.ok = false
		return 0
	}
	s.rest = s.rest[end:]
	return n
}

func (s *bodyScanner) textOrNull() []byte {
	if s.null() {
		return nil
	}
	return s.text()
}

// text takes a string; never nil while ok.
func (s *bodyScanner) text() []byte {
	if !s.ok || len(s.rest) == 0 || s.rest[0] != '"' {
		s.ok = false
		return nil
	}
	escaped := false
	for i := 1; i < len(s.rest); i++ {
		switch s.rest[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			quoted := s.rest[:i+1]
			s.rest = s.rest[i+1:]
			if !escaped {
				return quoted[1:i]
			}
			return s.unquote(quoted)
		}
	}
	s.ok = false
	return nil
}

func (s *bodyScanner) unquote(quoted []byte) []byte {
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		s.ok = false
		return nil
	}
	return append([]byte{}, text...)
}
