package sqlite

import (
	"context"
	"net/netip"
	"strconv"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// dictMost bounds what is remembered of one dictionary. An import whose every record
// names another object must not grow the program.
const dictMost = 1 << 16

// A dict remembers the ids of a dictionary's rows. What a transaction added to it is
// forgotten if that is rolled back.
type dict[K comparable] struct {
	ids   map[K]int64
	fresh []K
}

func (d *dict[K]) put(k K, id int64) {
	d.ids[k] = id
	d.fresh = append(d.fresh, k)
}

func (d *dict[K]) undo(to int) {
	for _, k := range d.fresh[to:] {
		delete(d.ids, k)
	}
	d.fresh = d.fresh[:to]
}

func (d *dict[K]) settle() {
	d.fresh = d.fresh[:0]
	if len(d.ids) > dictMost {
		clear(d.ids)
	}
}

type (
	actorKey  struct{ kind, source, name, user string }
	siteKey   struct{ measurable, kind, name string }
	objectKey struct{ kind, ident, name string }
)

// dicts are the dictionaries of activity.
type dicts struct {
	actors  dict[actorKey]
	types   dict[string]
	sources dict[string]
	sites   dict[siteKey]
	objects dict[objectKey]
	ips     dict[netip.Prefix]
}

// A dictMark is how much was added before; the zero value is the transaction's start.
type dictMark struct{ actors, types, sources, sites, objects, ips int }

func newDicts() dicts {
	return dicts{
		actors:  dict[actorKey]{ids: map[actorKey]int64{}},
		types:   dict[string]{ids: map[string]int64{}},
		sources: dict[string]{ids: map[string]int64{}},
		sites:   dict[siteKey]{ids: map[siteKey]int64{}},
		objects: dict[objectKey]{ids: map[objectKey]int64{}},
		ips:     dict[netip.Prefix]{ids: map[netip.Prefix]int64{}},
	}
}

// forget drops all: another process may have added rows, or dropped unused ones.
func (d *dicts) forget() { *d = newDicts() }

func (d *dicts) mark() dictMark {
	return dictMark{len(d.actors.fresh), len(d.types.fresh), len(d.sources.fresh), len(d.sites.fresh), len(d.objects.fresh), len(d.ips.fresh)}
}

func (d *dicts) undo(m dictMark) {
	d.actors.undo(m.actors)
	d.types.undo(m.types)
	d.sources.undo(m.sources)
	d.sites.undo(m.sites)
	d.objects.undo(m.objects)
	d.ips.undo(m.ips)
}

func (d *dicts) settle() {
	d.actors.settle()
	d.types.settle()
	d.sources.settle()
	d.sites.settle()
	d.objects.settle()
	d.ips.settle()
}

// id returns the row of a dictionary, adding it if it is new.
func id[K comparable](ctx context.Context, w *writer, d *dict[K], key K, find, insert string, args ...any) (int64, error) {
	if id, ok := d.ids[key]; ok {
		return id, nil
	}
	var n int64
	found, err := w.find(ctx, find, args, &n)
	if err != nil {
		return 0, err
	}
	if !found {
		if n, err = w.insert(ctx, insert, args...); err != nil {
			return 0, err
		}
	}
	d.put(key, n)
	return n, nil
}

func (w *writer) typeID(ctx context.Context, name string) (int64, error) {
	return id(ctx, w, &w.known.dicts.types, name,
		"SELECT id FROM type WHERE name = ?", "INSERT INTO type (name) VALUES (?)", name)
}

func (w *writer) sourceID(ctx context.Context, name string) (int64, error) {
	return id(ctx, w, &w.known.dicts.sources, name,
		"SELECT id FROM source WHERE name = ?", "INSERT INTO source (name) VALUES (?)", name)
}

// siteID returns the row of a site as it is called now; nil has none.
func (w *writer) siteID(ctx context.Context, s *activity.SiteRef) (*int64, error) {
	if s == nil {
		return nil, nil
	}
	measurable := int64(0)
	key := siteKey{kind: s.Kind, name: s.Name}
	if s.ID != nil {
		n, err := permanentID("site", *s.ID)
		if err != nil {
			return nil, err
		}
		measurable, key.measurable = n, *s.ID
	}
	n, err := id(ctx, w, &w.known.dicts.sites, key,
		"SELECT id FROM site WHERE measurable = ? AND kind = ? AND name = ?",
		"INSERT INTO site (measurable, kind, name) VALUES (?, ?, ?)", measurable, s.Kind, s.Name)
	return &n, err
}

// objectID returns the row of an object as it is called now; nil has none.
func (w *writer) objectID(ctx context.Context, o *activity.Object) (*int64, error) {
	if o == nil {
		return nil, nil
	}
	n, err := id(ctx, w, &w.known.dicts.objects, objectKey{o.Kind, o.ID, o.Name},
		"SELECT id FROM object WHERE kind = ? AND ident = ? AND name = ?",
		"INSERT INTO object (kind, ident, name) VALUES (?, ?, ?)", o.Kind, o.ID, o.Name)
	return &n, err
}

// ipID returns the row of an address or prefix; the invalid one has none.
func (w *writer) ipID(ctx context.Context, p netip.Prefix) (*int64, error) {
	if !p.IsValid() {
		return nil, nil
	}
	addr := p.Addr().As16()
	n, err := id(ctx, w, &w.known.dicts.ips, p,
		"SELECT id FROM ip WHERE addr = ? AND prefix = ?",
		"INSERT INTO ip (addr, prefix) VALUES (?, ?)", addr[:], p.Bits())
	return &n, err
}

// parseIP reads an address or a masked prefix into the form that is stored: IPv4
// mapped into IPv6, without a zone, bits beyond the prefix zero.
func parseIP(text *string) (netip.Prefix, error) {
	if text == nil {
		return netip.Prefix{}, nil
	}
	addr, err := netip.ParseAddr(*text)
	bits := 128
	if err != nil {
		p, perr := netip.ParsePrefix(*text)
		if perr != nil {
			return netip.Prefix{}, fault.At("ip", "%q is not an IP address.", *text)
		}
		addr = p.Addr()
		if bits = p.Bits(); addr.Is4() {
			bits += 96
		}
	}
	return netip.PrefixFrom(netip.AddrFrom16(addr.As16()), bits).Masked(), nil
}

// permanentID reads the id of one of our rows in a body.
func permanentID(field, text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != text {
		return 0, fault.At(field, "%q is not the id of a %s.", text, field)
	}
	return n, nil
}
