package activity

import (
	"net/netip"
	"strconv"
	"strings"
)

// check validates a filter's value and gives it its one spelling.
func (p *parser) check(f *Filter, valueAt int) error {
	length := p.at - valueAt
	switch f.Field {
	case ByResult:
		f.Value = strings.ToLower(f.Value)
		if f.Value != OK && f.Value != Failed && f.Value != Denied {
			return p.fail(valueAt, length, "A result is ok, failed or denied, not %q.", clip(f.Value))
		}
	case ByIP:
		value, ok := canonicalIP(f.Value)
		if !ok {
			return p.fail(valueAt, length, "%q is neither an address like 203.0.113.7 nor a range like 203.0.113.0/24.", clip(f.Value))
		}
		f.Value = value
	case ByBatch:
		n, err := strconv.ParseInt(f.Value, 10, 64)
		if err != nil || n < 1 {
			return p.fail(valueAt, length, "A batch is the number of an import, not %q.", clip(f.Value))
		}
		f.Value = strconv.FormatInt(n, 10)
	case ByCategory:
		types, ok := []string(nil), false
		if p.opt.Categories != nil {
			types, ok = p.opt.Categories(f.Value)
		}
		if !ok {
			return p.fail(valueAt, length, "There is no category %q. The list of types shows the categories.", clip(f.Value))
		}
		f.Types = append([]string{}, types...)
	}
	return nil
}

// canonicalIP gives an address or a prefix its one spelling: a prefix without the
// bits behind it, IPv4 never as IPv6. An address with a zone is none.
func canonicalIP(text string) (string, bool) {
	if !strings.Contains(text, "/") {
		addr, err := netip.ParseAddr(text)
		if err != nil || addr.Zone() != "" {
			return "", false
		}
		return addr.Unmap().String(), true
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return "", false
	}
	if a := prefix.Addr(); a.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(a.Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked().String(), true
}
