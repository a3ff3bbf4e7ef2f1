package sqlite

import (
	"fmt"
	"strconv"

	"activitylog/backend/activity"
)

// resultTexts are the values of activity.result.
var resultTexts = []string{activity.OK, activity.Failed, activity.Denied}

func (c *rowCheck) columns(r *activityRow) {
	if c.v.off["column"] {
		c.refer(r)
		return
	}
	b := &c.view
	if r.result < 0 || r.result >= int64(len(resultTexts)) || resultTexts[r.result] != string(b.result) {
		c.column(r, "result", fmt.Sprintf("The activity of entry %d has the result %d, but its body says %s.", r.seq, r.result, shown(string(b.result))))
	}
	if r.offset != b.offset {
		c.column(r, "offset_min", fmt.Sprintf("The activity of entry %d is %d minutes from UTC, but its body says %d.", r.seq, r.offset, b.offset))
	}
	c.actor(r)
	c.dicts[dictType].check(r.seq, r.typ, b.typ)
	c.dicts[dictSource].check(r.seq, r.source, b.source)
	if c.present(r, "object", r.object, b.hasObject) {
		c.dicts[dictObject].check(r.seq, r.object, b.objectKind, b.objectID, b.objectName)
	}
	if c.present(r, "site", r.site, b.hasSite) {
		measurable := b.siteID
		if measurable == nil {
			measurable = []byte("0")
		}
		c.dicts[dictSite].check(r.seq, r.site, measurable, b.siteKind, b.siteName)
	}
	if c.present(r, "ip", r.ip, b.ip != nil) {
		addr, prefix := c.address(b.ip)
		c.dicts[dictIP].check(r.seq, r.ip, addr, prefix)
	}
}

func (c *rowCheck) actor(r *activityRow) {
	b := &c.view
	name := b.actorName
	if string(b.actorSource) != self {
		if name == nil {
			name = []byte{}
		}
		c.dicts[dictActor].check(r.seq, r.actor, b.actorKind, b.actorSource, name, nil)
		return
	}
	if name == nil {
		c.dicts[dictActor].checkNameless(r.seq, r.actor, b.actorKind, b.actorSource, b.actorUser)
		return
	}
	c.dicts[dictActor].check(r.seq, r.actor, b.actorKind, b.actorSource, name, b.actorUser)
}

// present reports whether both the column and the body name something, and tells if
// only one does.
func (c *rowCheck) present(r *activityRow, column string, id int64, inBody bool) bool {
	if (id != none) == inBody {
		return inBody
	}
	if inBody {
		c.column(r, column, fmt.Sprintf("The activity of entry %d refers to no %s, but its body names one.", r.seq, column))
	} else {
		c.column(r, column, fmt.Sprintf("The activity of entry %d refers to %s %d, but its body names none.", r.seq, column, id))
	}
	return false
}

// address returns a body's address as the table ip holds it.
func (c *rowCheck) address(text []byte) (addr, prefix []byte) {
	if string(text) != c.lastIP || !c.lastPrefix.IsValid() {
		c.lastIP = string(text)
		c.lastPrefix, _ = parseIP(&c.lastIP) // one that is none equals no row
	}
	bytes := c.lastPrefix.Addr().As16()
	return bytes[:], strconv.AppendInt(nil, int64(c.lastPrefix.Bits()), 10)
}
