package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

const (
	maxLogin = 100 // characters, of logins and names
	maxEmail = 254 // bytes
)

// reserved logins mean something else in queries and sentences.
var reserved = map[string]bool{"me": true, "unknown": true, "anonymous": true, "system": true}

// loginKey returns the form in which logins are compared.
func loginKey(login string) string { return access.Fold(strings.TrimSpace(login)) }

// checkLogin returns the login to store.
func checkLogin(login string) (string, error) {
	login = strings.TrimSpace(login)
	if err := CheckLine("login", "login", login, maxLogin); err != nil {
		return "", err
	}
	for _, r := range login {
		if unicode.Is(unicode.Cf, r) {
			return "", unseen("login", "login", r)
		}
	}
	if access.MixesScripts(login) {
		return "", fault.At("login", "The login mixes letters of scripts that look alike, such as Latin and Cyrillic. Keep to one of them.")
	}
	if loginKey(login) == "" {
		return "", fault.At("login", "Choose a login.")
	}
	if reserved[loginKey(login)] {
		return "", fault.At("login", "The login %q has a meaning of its own here. Choose another one.", login)
	}
	return login, nil
}

// checkName returns the name to show; it may be empty.
func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	return name, CheckLine("name", "name", name, maxLogin)
}

// checkEmail returns the address; it may be empty. Whether it reaches anybody is
// not for this program to find out: nothing is ever sent to it.
func checkEmail(email string) (string, error) {
	email = strings.TrimSpace(email)
	if email == "" {
		return "", nil
	}
	if err := CheckLine("email", "e-mail address", email, maxEmail); err != nil {
		return "", err
	}
	at := strings.LastIndexByte(email, '@')
	if len(email) > maxEmail || at < 1 || at == len(email)-1 || strings.ContainsFunc(email, unicode.IsSpace) {
		return "", fault.At("email", "%q is not an e-mail address. Write it like ann@example.org, or leave it empty.", email)
	}
	return email, nil
}

// CheckLine refuses, with the field to blame and what to call it, text that does not
// belong into one line: more than most characters, controls, and characters that
// turn the direction of others.
func CheckLine(field, what, text string, most int) error {
	if !utf8.ValidString(text) {
		return fault.At(field, "The %s is not valid UTF-8 text.", what)
	}
	if utf8.RuneCountInString(text) > most {
		return fault.At(field, "The %s is longer than %d characters.", what, most)
	}
	for _, r := range text {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) || r == '\uFEFF' {
			return unseen(field, what, r)
		}
	}
	return nil
}

func unseen(field, what string, r rune) error {
	return fault.At(field, "The %s contains a character that cannot be seen (U+%04X). Remove it.", what, r)
}
