package site

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/fault"
)

// What a site may be at most.
const (
	maxName        = 100 // characters
	maxAddress     = 500 // bytes of one
	maxAddresses   = 20
	maxDescription = 1000 // characters
	maxIDDigits    = 9    // of a name that is a number: it could be an id
)

// Kinds lists what a site may be, as Matomo's types of measurables.
func Kinds() []string { return []string{"website", "mobileapp", "intranet", "server", "other"} }

// Key returns the form in which names of sites are compared: case, Unicode form and
// the number of spaces do not count.
func Key(name string) string { return strings.Join(strings.Fields(access.Fold(name)), " ") }

// check tidies the inputs and refuses bad ones.
func (in *ChangeIn) check() error {
	if in.Name != nil {
		name, err := checkName(*in.Name)
		if err != nil {
			return err
		}
		in.Name = &name
	}
	if in.Kind != nil && !slices.Contains(Kinds(), *in.Kind) {
		return fault.At("kind", "The kind is one of %s, not %q.", strings.Join(Kinds(), ", "), *in.Kind)
	}
	if in.Zone != nil && !account.ValidZone(*in.Zone) {
		return fault.At("zone", "%q is not a time zone. Write it like Europe/Berlin.", *in.Zone)
	}
	if in.Addresses == nil {
		return nil
	}
	list, err := checkAddresses(*in.Addresses)
	in.Addresses = &list
	return err
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if Key(name) == "" {
		return "", fault.At("name", "The site needs a name.")
	}
	if err := account.CheckLine("name", "name", name, maxName); err != nil {
		return "", err
	}
	if len(name) <= maxIDDigits && !strings.ContainsFunc(name, func(r rune) bool { return r < '0' || r > '9' }) {
		return "", fault.At("name", "%q would be taken for the id of a site. Add a word to it.", name)
	}
	return name, nil
}

func checkAddresses(typed []string) ([]string, error) {
	list := []string{}
	for _, text := range typed {
		if strings.TrimSpace(text) == "" {
			continue
		}
		address, err := checkAddress("addresses", text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, address) {
			list = append(list, address)
		}
	}
	if len(list) > maxAddresses {
		return nil, fault.At("addresses", "A site has at most %d addresses, not %d.", maxAddresses, len(list))
	}
	return list, nil
}

// checkAddress returns an address as it is stored: with a scheme (https where none was
// typed), the host in small letters, without a slash alone for a path and without a
// fragment.
func checkAddress(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	if err := account.CheckLine(field, "address", text, maxAddress); err != nil {
		return "", err
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || !isHost(u.Hostname()) || strings.ContainsFunc(text, unicode.IsSpace) {
		return "", fault.At(field, "%q is not an address. Write it like https://shop.example.", text)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return "", fault.At(field, "An address begins with https:// or http://, not with %s://.", u.Scheme)
	}
	if u.User != nil {
		return "", fault.At(field, "The address must not hold a name or a password.")
	}
	u.Host, u.Fragment, u.RawFragment = strings.ToLower(u.Host), "", ""
	if u.Path == "/" && u.RawQuery == "" {
		u.Path = ""
	}
	if out := u.String(); len(out) <= maxAddress {
		return out, nil
	}
	return "", fault.At(field, "An address has at most %d bytes.", maxAddress)
}

// isHost reports whether a host's name has nothing in it that none has. Letters of every
// script are allowed, as people write them.
func isHost(host string) bool {
	if strings.Trim(host, ".") == "" || strings.Contains(host, "..") {
		return false
	}
	return !strings.ContainsFunc(host, func(r rune) bool {
		return r == utf8.RuneError || r < 0x80 && !strings.ContainsRune("-._:", r) &&
			(r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

// Called returns what an address is called in activities: itself without the scheme.
// "" is no address.
func Called(text string) string {
	address, err := checkAddress("", text)
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(address, "://")
	return rest
}
