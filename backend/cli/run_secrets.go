package cli

import (
	"encoding/json"
	"regexp"
	"strings"

	"activitylog/backend/activity"
)

var (
	// plainWord needs no quotes in a shell.
	plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./*-]+$`)
	// userInfo is what stands before the host of an address (RFC 3986, section 3.2.1).
	userInfo = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*://[^/?#:@]*):[^/?#@]*@`)
	// assignment is --name=value, NAME=value, name: value, or one in an address's query.
	assignment = regexp.MustCompile(`(^|[?&\s])(-*)([A-Za-z][A-Za-z0-9_.-]*)(=|: ?)([^&]*)`)
)

// commandLine is a command as one would type it, what is secret by its name masked.
func commandLine(args []string) string {
	out := make([]string, len(args))
	hidden := false
	for i, arg := range args {
		word := maskWord(arg)
		if hidden && !strings.HasPrefix(arg, "-") {
			word = activity.Masked
		}
		hidden = i > 0 && strings.HasPrefix(arg, "-") && !strings.Contains(arg, "=") && secretName(strings.TrimLeft(arg, "-"))
		if word != activity.Masked && !plainWord.MatchString(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		out[i] = word
	}
	return strings.Join(out, " ")
}

// maskWord masks what one argument names a secret.
func maskWord(arg string) string {
	arg = userInfo.ReplaceAllString(arg, "${1}:"+activity.Masked+"@")
	return assignment.ReplaceAllStringFunc(arg, func(found string) string {
		part := assignment.FindStringSubmatch(found)
		if !secretName(part[3]) {
			return found
		}
		return part[1] + part[2] + part[3] + part[4] + activity.Masked
	})
}

// secretName reports whether a secret stands under a name, as the log judges it.
func secretName(name string) bool {
	value, err := json.Marshal(map[string]string{name: "x"})
	return err == nil && strings.Contains(string(activity.MaskJSON(value, nil)), activity.Masked)
}
