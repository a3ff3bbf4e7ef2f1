package activity

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
)

// MostMasked is how many bytes of an address can be masked.
const MostMasked = 3

// A Privacy is what is left out of activities as they are recorded. What is stored is
// hashed and stays as it is.
type Privacy struct {
	// Bytes of addresses that are masked, from the end: 0 to 3 of IPv4. Of IPv6 so much
	// stays that it says about as much: the network (64 bits), the site (48), a region's
	// provider (24). See RFC 4291, section 2.5.1, and RFC 6177.
	MaskBytes int
	// DoNotTrack leaves the address and the browser out of what somebody does whose browser
	// asks for it, unless the activity is evidence of sign-ins, access or security.
	DoNotTrack bool
}

// Apply returns the body as it is to be recorded. Cost: a pass over its text, if an
// address is masked.
func (p Privacy) Apply(b Body) Body {
	b = p.maskAddress(b)
	if p.DoNotTrack && b.DoNotTrack && !evidence(b.Type) {
		b.IP, b.UserAgent = nil, nil
	}
	return b
}

// evidence reports whether a type of the program's own tells of sign-ins, of who may do
// what, or of the safety of the log. One that is not known counts as such.
func evidence(typ string) bool {
	switch typ {
	case "UserSettingsUpdated", "UserPreferenceSet", "MeasurableCreated", "MeasurableChanged", "SiteSettingsUpdated",
		"SegmentCreated", "SegmentUpdated", "SegmentDeleted", "ImportMappingSaved", "ImportMappingRemoved":
		return false
	}
	return true
}

// maskAddress masks the activity's address, also where its content repeats it. What the
// log says of itself keeps its content: verification replays it, and an address in it
// names what it is about. An external id stays as well: it is how a source finds its own.
func (p Privacy) maskAddress(b Body) Body {
	if p.MaskBytes < 1 || p.MaskBytes > MostMasked || b.IP == nil {
		return b
	}
	whole, ok := addressOf(*b.IP)
	if !ok {
		return b
	}
	masked := netip.PrefixFrom(whole.Addr(), min(whole.Bits(), p.keep(whole.Addr()))).Masked()
	text := masked.String()
	b.IP = &text
	if Reserved(b.Type) && (b.Source == "self" || b.Source == "cli") {
		return b
	}
	in := func(s string) string { return string(replaceAddress([]byte(s), whole, text)) }
	within := func(j []byte) []byte { return replaceInJSON(j, whole, text) }
	for _, field := range []**string{&b.Actor.Name, &b.UserAgent, &b.RequestID} {
		if *field != nil {
			masked := in(**field)
			*field = &masked
		}
	}
	if b.Object != nil {
		o := *b.Object
		o.ID, o.Name = in(o.ID), in(o.Name)
		b.Object = &o
	}
	b.Parameters, b.Raw = within(b.Parameters), within(b.Raw)
	changes := make([]Change, len(b.Changes))
	for i, c := range b.Changes {
		changes[i] = Change{Field: c.Field, Old: within(c.Old), New: within(c.New)}
	}
	b.Changes = changes
	return b
}

// keep is how many bits of an address stay.
func (p Privacy) keep(a netip.Addr) int {
	if a.Is4() {
		return 32 - 8*p.MaskBytes
	}
	return [...]int{128, 64, 48, 24}[p.MaskBytes]
}

// MaskedBytes is the least setting that masks as much as this address is masked: 0 of one
// that is whole or that cannot be read.
func MaskedBytes(ip *string) int {
	if ip == nil {
		return 0
	}
	a, ok := addressOf(*ip)
	for n := 1; ok && n <= MostMasked; n++ {
		if a.Bits() >= a.Addr().BitLen() {
			return 0
		}
		if a.Bits() >= (Privacy{MaskBytes: n}).keep(a.Addr()) {
			return n
		}
	}
	return 0
}

// addressOf reads an address, or one that is masked already.
func addressOf(text string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

// replaceInJSON does replaceAddress in each string of a JSON text, also in keys. A string
// with escapes is read first: a letter of one is no letter of a word.
func replaceInJSON(data []byte, whole netip.Prefix, masked string) []byte {
	var out []byte
	copied := 0
	for i := 0; i < len(data); i++ {
		if data[i] != '"' {
			continue
		}
		end := stringEnd(data, i)
		if now := replaceInString(data[i:end], whole, masked); now != nil {
			out = append(append(out, data[copied:i]...), now...)
			copied = end
		}
		i = end - 1
	}
	if out == nil {
		return data
	}
	return append(out, data[copied:]...)
}

// replaceInString returns a quoted string without the address, nil where it is not in it.
func replaceInString(quoted []byte, whole netip.Prefix, masked string) []byte {
	text := unquote(quoted)
	now := string(replaceAddress([]byte(text), whole, masked))
	if now == text {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(now) != nil {
		return nil
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// replaceAddress writes masked for each address in a text that is the whole one, however
// it is spelled, also before a port.
func replaceAddress(text []byte, whole netip.Prefix, masked string) []byte {
	var out []byte
	copied := 0
	for at := 0; at < len(text); {
		if !addressByte(text[at]) {
			at++
			continue
		}
		start := at
		for at < len(text) && addressByte(text[at]) {
			at++
		}
		if start > 0 && wordByte(text[start-1]) || at < len(text) && wordByte(text[at]) {
			continue
		}
		end := start + addressIn(text[start:at], whole)
		if end == start {
			continue
		}
		if bits := whole.Bits(); bits < whole.Addr().BitLen() { // masked before: its length goes too
			old := []byte(whole.String()[strings.IndexByte(whole.String(), '/'):])
			if !bytes.HasPrefix(text[end:], old) {
				continue
			}
			end += len(old)
			at = end
		}
		out = append(append(out, text[copied:start]...), masked...)
		copied = end
	}
	if out == nil {
		return text
	}
	return append(out, text[copied:]...)
}

// addressIn returns how much of a run of an address's letters is the address: all of it,
// or what stands before a port or at the end of a sentence. 0: another one, or none.
func addressIn(run []byte, whole netip.Prefix) int {
	if len(run) < 2 || bytes.Count(run, []byte{'.'})+bytes.Count(run, []byte{':'}) < 2 {
		return 0
	}
	is := func(s []byte) bool {
		a, err := netip.ParseAddr(string(s))
		return err == nil && a.Unmap() == whole.Addr()
	}
	if is(run) {
		return len(run)
	}
	if short := bytes.TrimRight(run, ".:"); len(short) < len(run) && is(short) {
		return len(short)
	}
	if i := bytes.LastIndexByte(run, ':'); i > 0 && is(run[:i]) {
		return i
	}
	return 0
}

func addressByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == '.' || c == ':'
}

func wordByte(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
