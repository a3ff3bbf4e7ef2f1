package activity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"activitylog/backend/fault"
)

// A Cut stands in a body where a part was too large to keep.
type Cut struct {
	Cut    bool   `json:"cut"`    // true
	SHA256 string `json:"sha256"` // of the part as it came, secrets masked, hex
	Length int    `json:"length"` // bytes
}

// fit returns a body that encodes to at most MaxBody bytes. At live doors too large
// a body is refused; an import's loses, in this order and only as far as needed, its
// raw record, its parameters, its changes, then its long texts.
func fit(b Body, o Origin) (Body, bool, error) {
	if o.Import {
		return fitImport(b)
	}
	if b.longest() <= MaxBody {
		return b, false, nil
	}
	size, err := b.size()
	if err != nil {
		return b, false, err
	}
	if size > MaxBody {
		return b, false, fault.At("parameters", "The activity is %d bytes long; at most %d are allowed. Send less in parameters or changes.", size, MaxBody)
	}
	return b, false, nil
}

func fitImport(b Body) (Body, bool, error) {
	cut := false
	if ImportLimits.check("raw", b.Raw) != nil {
		b.Raw, cut = cutJSON(b.Raw), true
	}
	if ImportLimits.check("parameters", b.Parameters) != nil {
		b.Parameters, cut = cutJSON(b.Parameters), true
	}
	if b.longest() <= MaxBody-64 {
		return b, cut, nil
	}
	steps := []func(*Body){
		func(b *Body) { b.Raw = cutJSON(b.Raw) },
		func(b *Body) { b.Parameters = cutJSON(b.Parameters) },
		func(b *Body) { b.Changes = cutChanges(b.Changes) },
		cutTexts,
	}
	for _, step := range steps {
		size, err := b.size()
		if err != nil {
			return b, cut, err
		}
		// The writer may still add the linked user's id to the actor.
		if size <= MaxBody-64 {
			return b, cut, nil
		}
		step(&b)
		cut = true
	}
	return b, cut, nil
}

// longest is a length that the encoded body cannot exceed: a byte of text takes at
// most six, and JSON is at most what it is.
func (b Body) longest() int {
	n := 1024 + len(b.Parameters) + len(b.Raw) + 6*(len(b.Type)+len(b.Source)+len(b.Actor.Kind)+len(b.Actor.Source))
	for _, text := range []*string{b.Actor.Name, b.ExternalID, b.IP, b.UserAgent, b.RequestID} {
		if text != nil {
			n += 6 * len(*text)
		}
	}
	if b.Object != nil {
		n += 6 * (len(b.Object.Kind) + len(b.Object.ID) + len(b.Object.Name))
	}
	if b.Site != nil {
		n += 6 * (len(b.Site.Kind) + len(b.Site.Name))
	}
	for _, c := range b.Changes {
		n += 64 + 6*len(c.Field) + len(c.Old) + len(c.New)
	}
	return n
}

func (b Body) size() (int, error) {
	data, err := b.Encode()
	if err != nil {
		return 0, fault.Wrap(err, fault.Invalid, "The activity cannot be written as JSON.")
	}
	return len(data), nil
}

func cutJSON(value json.RawMessage) json.RawMessage {
	if len(value) == 0 {
		return value
	}
	sum := sha256.Sum256(value)
	out, err := json.Marshal(Cut{Cut: true, SHA256: hex.EncodeToString(sum[:]), Length: len(value)})
	if err != nil {
		return null
	}
	return out
}

func cutChanges(changes []Change) []Change {
	all, err := json.Marshal(changes)
	if err != nil {
		return nil
	}
	return []Change{{Field: "…", Old: null, New: cutJSON(all)}}
}

// maxText is what remains of a text that made an import's record too large, in bytes.
const maxText = 1024

func cutTexts(b *Body) {
	for _, text := range []*string{b.UserAgent, b.RequestID, b.ExternalID, b.Actor.Name} {
		if text != nil {
			*text = shorten(*text)
		}
	}
	if b.Object != nil {
		o := *b.Object
		b.Object = &Object{Kind: shorten(o.Kind), ID: shorten(o.ID), Name: shorten(o.Name)}
	}
}

func shorten(text string) string {
	if len(text) <= maxText {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	at := maxText
	for at > 0 && text[at]&0xC0 == 0x80 {
		at--
	}
	return text[:at] + "…sha256:" + hex.EncodeToString(sum[:])
}
