package matomo

import (
	"io"
	"regexp"
	"strconv"
	"strings"
)

// How PHP writes values: php-src Zend/zend_strtod.c (zend_gcvt), ext/json, ext/standard
// var.c. What is checked here was run through PHP 8.2.

// float writes a number as PHP does with serialize_precision -1: the fewest digits that
// give it back, an exponent (after e) below 1.0e-4 and from 1.0e+17 on.
func float(f float64, e byte) string {
	short := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(short, "e")
	n, _ := strconv.Atoi(exponent)
	if n >= -4 && n < 17 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	sign := "+"
	if n < 0 {
		sign, n = "-", -n
	}
	return mantissa + string(e) + sign + strconv.Itoa(n)
}

// scalar is a plain value as text; core writes false as 0.
func scalar(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "1"
		}
		return "0"
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return float(v, 'E')
	case digits:
		return string(v)
	case string:
		return v
	}
	return ""
}

var numeric = regexp.MustCompile(`^[ \t\n\r\v\f]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t\n\r\v\f]*$`)

// isNumeric is PHP's is_numeric for texts.
func isNumeric(text string) bool { return numeric.MatchString(text) }

// number-like names are numbers in PHP's arrays.
func intKey(key string) bool {
	n, err := strconv.ParseInt(key, 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == key
}

// escapeHTML is htmlspecialchars with ENT_COMPAT.
var escapeHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace

// puts writes texts. The writers here keep their first error and tell it at the end.
func puts(w io.StringWriter, texts ...string) {
	for _, t := range texts {
		_, _ = w.WriteString(t)
	}
}
