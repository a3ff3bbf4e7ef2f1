package access

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/fault"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The bounds of a password.
const (
	MinPassword = 12   // characters
	MaxPassword = 1024 // bytes
)

// common.txt holds those of the commonest passwords that have twelve characters or
// more, case folded, the commonest first. It is taken from the password list of
// @zxcvbn-ts/language-common 4.1.3 (MIT, see common.LICENSE).
//
//go:embed common.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonText) {
		set[strings.TrimSpace(line)] = true
	}
	return set
})

// weakWords count for nothing in a password, like the login.
var weakWords = []string{
	"activity log", "activitylog", "administrator", "passwort", "password", "passw0rd", "p@ssword", "p@ssw0rd",
	"letmein", "welcome", "willkommen", "iloveyou", "changeme", "superuser", "qwerty", "qwertz", "admin",
}

// runs are rows in which neighbours are easy to guess, read both ways.
var runs = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop[]", "qwertzuiopü+", "asdfghjkl;'", "asdfghjklöä", "zxcvbnm,./", "yxcvbnm,.-", "!@#$%^&*()",
}

// CheckPassword says whether a password may be chosen, by an error that blames the
// field: it has at least twelve characters and at most 1,024 bytes, is none of the
// commonest, and is more than the login, the e-mail address, this program's name,
// repeated characters or a row of keys. Case and Unicode forms do not count.
func CheckPassword(field, password, login, email string) error {
	if !utf8.ValidString(password) {
		return fault.At(field, "The password is not valid UTF-8 text.")
	}
	if len(password) > MaxPassword {
		return fault.At(field, "The password is longer than %d bytes.", MaxPassword)
	}
	folded := fold(password)
	if utf8.RuneCountInString(folded) < MinPassword {
		return fault.At(field, "The password needs at least %d characters. A few words together are easy to remember.", MinPassword)
	}
	if common()[folded] {
		return fault.At(field, "This is one of the commonest passwords. Choose another one.")
	}
	rest := folded
	for _, word := range personal(login, email) {
		rest = strings.ReplaceAll(rest, word, "")
	}
	if utf8.RuneCountInString(rest) < 8 {
		return fault.At(field, "The password is too close to the login, the e-mail address or this program's name.")
	}
	if weight(rest) < 7 {
		return fault.At(field, "The password is too simple: it repeats itself or follows a row of keys.")
	}
	return nil
}

// Fold returns the text in the form in which names are compared: NFKC, case folded.
func Fold(text string) string { return fold(text) }

func fold(text string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
}

// lookAlikes are scripts some of whose letters cannot be told from Latin ones.
var lookAlikes = []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee}

// MixesScripts reports whether letters of scripts that look alike stand in one name,
// like a Cyrillic а among Latin letters. A name that is wholly of another script is
// not found out. Source: Unicode Technical Standard 39, section 5.1.
func MixesScripts(name string) bool {
	found := 0
	for _, script := range lookAlikes {
		if strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(script, r) }) {
			found++
		}
	}
	return found > 1
}

// personal returns the words an attacker tries first. The whole address comes
// before its parts.
func personal(login, email string) []string {
	email = fold(email)
	local, domain, _ := strings.Cut(email, "@")
	words := []string{email, fold(login), local, domain}
	var out []string
	for _, w := range append(words, weakWords...) {
		if utf8.RuneCountInString(w) >= 3 {
			out = append(out, w)
		}
	}
	return out
}

// weight counts the characters that are not to be expected from the ones before:
// no repetition of one of the last two or of an earlier stretch of three, not the
// next in a row of keys. Spaces do not count.
func weight(text string) int {
	r := []rune(strings.Join(strings.Fields(text), ""))
	n := 0
	for i := range r {
		if expected(r, i) {
			continue
		}
		n++
	}
	return n
}

func expected(r []rune, i int) bool {
	if i == 0 {
		return false
	}
	for back := 1; back <= 2 && back <= i; back++ {
		if r[i] == r[i-back] {
			return true
		}
	}
	if i >= 3 && strings.Contains(string(r[:i-1]), string(r[i-2:i+1])) {
		return true
	}
	pair, reversed := string(r[i-1:i+1]), string([]rune{r[i], r[i-1]})
	for _, row := range runs {
		if strings.Contains(row, pair) || strings.Contains(row, reversed) {
			return true
		}
	}
	return false
}
