package sqlite

import (
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The second verifier shares no code with the first: RFC 6962 by its recursive
// definition, bodies as maps, Ed25519 from the standard library, everything in
// memory. It says only whether the log is sound, not what is wrong with it.
type second struct {
	pool   *sql.DB
	leaves [][]byte
	bodies map[int64]map[string]any
}

var errBehind = errors.New("the log is behind its mark")

// rows calls f with each row of a query.
func (s *second) rows(query string, f func(v []any) error) error {
	rows, err := s.pool.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	for rows.Next() {
		v, p := make([]any, len(columns)), make([]any, len(columns))
		for i := range v {
			p[i] = &v[i]
		}
		if err := rows.Scan(p...); err != nil {
			return err
		}
		if err := f(v); err != nil {
			return fmt.Errorf("%.40s: %v: %w", query, v[0], err)
		}
	}
	return rows.Err()
}

var errDiffers = errors.New("differs")

func same(a, b any) error {
	if fmt.Sprint(a) != fmt.Sprint(b) {
		return fmt.Errorf("%w: %v, %v", errDiffers, a, b)
	}
	return nil
}

func (s *second) readLeaves(string) error {
	return s.rows("SELECT e.seq, e.recorded_at, e.commitment, l.id, a.salt, a.body FROM log l, entry e LEFT JOIN activity a ON a.seq = e.seq ORDER BY e.seq", func(v []any) error {
		if err := same(v[0], len(s.leaves)); err != nil {
			return err
		}
		salt, _ := v[4].([]byte)
		body, _ := v[5].([]byte)
		c := sha256.Sum256(append([]byte("activity-body/v1\n"+string(salt)), body...))
		if err := same(v[2], c[:]); err != nil {
			return err
		}
		data := append([]byte("\x00activity-leaf/v1\n"), v[3].([]byte)...)
		data = binary.BigEndian.AppendUint64(data, uint64(v[0].(int64)))
		data = binary.BigEndian.AppendUint64(data, uint64(v[1].(int64)))
		leaf := sha256.Sum256(append(data, c[:]...))
		s.leaves = append(s.leaves, leaf[:])
		var decoded map[string]any
		d := json.NewDecoder(strings.NewReader(string(body)))
		d.UseNumber()
		err := d.Decode(&decoded)
		s.bodies[v[0].(int64)] = decoded
		return err
	})
}

// mth is the Merkle tree hash of RFC 6962, section 2.1.
func mth(d [][]byte) []byte {
	switch len(d) {
	case 0:
		h := sha256.Sum256(nil)
		return h[:]
	case 1:
		return d[0]
	}
	k := 1
	for k*2 < len(d) {
		k *= 2
	}
	h := sha256.Sum256(slices.Concat([]byte{1}, mth(d[:k]), mth(d[k:])))
	return h[:]
}

// nodes: in the order in which leaves complete them, leaves numbered too.
func (s *second) nodes(string) error {
	want, index := map[int64][]byte{}, int64(0)
	for n := 1; n <= len(s.leaves); n++ {
		index++
		for width := 2; n%width == 0; width *= 2 {
			want[index] = mth(s.leaves[n-width : n])
			index++
		}
	}
	err := s.rows("SELECT idx, hash FROM node", func(v []any) error {
		err := same(v[1], want[v[0].(int64)])
		delete(want, v[0].(int64))
		return err
	})
	return errors.Join(err, same(len(want), 0))
}

// open checks one signed checkpoint and returns its size and root.
func (s *second) open(signed, vkey string) (int, []byte, error) {
	parts := strings.Split(vkey, "+")
	text, signature, _ := strings.Cut(signed, "\n\n")
	lines := strings.Split(text, "\n")
	if len(parts) < 3 || len(lines) != 3 || lines[0] != parts[0] || !strings.HasPrefix(signature, "— "+parts[0]+" ") {
		return 0, nil, errors.New("not a checkpoint of this log")
	}
	key, err := base64.StdEncoding.DecodeString(strings.Join(parts[2:], "+"))
	if err != nil || len(key) != 33 || key[0] != 1 {
		return 0, nil, errors.New("not a key")
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(signature[len("— "+parts[0]+" "):], "\n"))
	if err != nil || len(raw) != 68 || hex.EncodeToString(raw[:4]) != parts[1] || !ed25519.Verify(key[1:], []byte(text+"\n"), raw[4:]) {
		return 0, nil, errors.New("bad signature")
	}
	size, err := strconv.Atoi(lines[1])
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	return size, root, errors.Join(err, err2)
}

func (s *second) signatures(dir string) error {
	keys, err := filepath.Glob(filepath.Join(dir, "keys", "*.key"))
	if err != nil || len(keys) != 1 {
		return fmt.Errorf("%d keys, %v", len(keys), err)
	}
	file, err := os.ReadFile(keys[0])
	if err != nil {
		return err
	}
	pinned := strings.Split(string(file), "\n")[1]
	vkey := ""
	err = s.rows("SELECT vkey, n, from_size, handover FROM log_key", func(v []any) error {
		vkey = fmt.Sprint(v[0])
		return same(fmt.Sprint(pinned, 1, 0, nil), fmt.Sprint(v...))
	})
	if err != nil || vkey == "" {
		return fmt.Errorf("keys: %w", err)
	}
	signed := func(note string, atMost int) (int, error) {
		size, root, err := s.open(note, vkey)
		if err != nil || size > atMost {
			return size, errors.Join(err, fmt.Errorf("%d of %d", size, atMost))
		}
		return size, same(root, mth(s.leaves[:size]))
	}
	for _, list := range []string{"SELECT size, note FROM checkpoint", "SELECT size, note FROM head WHERE size = (SELECT count(*) FROM entry)"} {
		n := 0
		err := s.rows(list, func(v []any) error {
			n++
			size, err := signed(v[1].(string), len(s.leaves))
			return errors.Join(err, same(size, v[0]))
		})
		if err != nil || n == 0 {
			return fmt.Errorf("%d signed: %w", n, err)
		}
	}
	if err := s.rows("SELECT root FROM head", func(v []any) error { return same(v[0], mth(s.leaves)) }); err != nil {
		return err
	}
	mark, err := os.ReadFile(filepath.Join(dir, "state", "head"))
	if err != nil {
		return errBehind
	}
	if _, err := signed(string(mark), len(s.leaves)); err != nil {
		return errBehind
	}
	return nil
}

// activities: every column against the body, by what a join shows of it.
func (s *second) activities(string) error {
	n := 0
	err := s.rows(`SELECT a.seq, a.key, a.result, a.offset_min, t.name, d.name, r.kind, r.source, r.name, r.user_id, o.kind, o.ident, o.name, s.measurable, s.kind, s.name, i.addr, i.prefix
		FROM activity a LEFT JOIN type t ON t.id = a.type LEFT JOIN source d ON d.id = a.source LEFT JOIN actor r ON r.id = a.actor
		LEFT JOIN object o ON o.id = a.object LEFT JOIN site s ON s.id = a.site LEFT JOIN ip i ON i.id = a.ip`, func(v []any) error {
		n++
		b := s.bodies[v[0].(int64)]
		actor, _ := b["actor"].(map[string]any)
		object, _ := b["object"].(map[string]any)
		site, _ := b["site"].(map[string]any)
		if site != nil && site["id"] == nil {
			site["id"] = 0
		}
		name, user := actor["name"], v[9]
		if name == nil {
			name = v[8]
		}
		if actor["source"] != "self" {
			user = actor["user"]
		}
		addr, bits := address(b["ip"])
		want := []any{
			b["occurredAt"], b["result"], b["offsetMinutes"], b["type"], b["source"], actor["kind"], actor["source"], name, actor["user"],
			object["kind"], object["id"], object["name"], site["id"], site["kind"], site["name"], addr, bits,
		}
		have := append([]any{v[1].(int64) >> 21, []string{"ok", "failed", "denied"}[v[2].(int64)]}, v[3:]...)
		have[8] = user
		return same(fmt.Sprintf("%v", want), fmt.Sprintf("%v", have))
	})
	return errors.Join(err, same(n, len(s.leaves))) // nothing is erased in the samples
}

func address(text any) (addr, bits any) {
	t, ok := text.(string)
	if !ok {
		return nil, nil
	}
	if p, err := netip.ParsePrefix(t); err == nil {
		a := p.Addr().As16()
		if p.Addr().Is4() {
			return a[:], p.Bits() + 96
		}
		return a[:], p.Bits()
	}
	a := netip.MustParseAddr(t).As16()
	return a[:], 128
}

// counts: each kept count against GROUP BY, and how many entries may be left to count.
func (s *second) counts(string) error {
	uncounted := "SELECT counted FROM head WHERE counted NOT BETWEEN max(size - 255, 0) AND size"
	if err := s.rows(uncounted, func(v []any) error { return fmt.Errorf("%w: %v are counted", errDiffers, v) }); err != nil {
		return err
	}
	slot := "((key >> 21) - (((key >> 21) % 900000 + 900000) % 900000)) / 900000"
	for table, by := range map[string]string{"slot_all": "", "slot_actor": "actor,", "slot_type": "type,", "slot_site": "site,", "slot_actor_type": "actor, type,"} {
		again := fmt.Sprintf("SELECT %s %s, count(*) FROM activity WHERE seq < (SELECT counted FROM head) AND %s IS NOT NULL GROUP BY %s 0 + %s", by, slot, strings.TrimSuffix(by+"1", ",1"), by, slot)
		if table == "slot_actor_type" {
			again = strings.Replace(again, " AND actor, type IS NOT NULL", "", 1)
		}
		kept := fmt.Sprintf("SELECT %s slot, n FROM %s", by, table)
		for _, q := range []string{again + " EXCEPT " + kept, kept + " EXCEPT " + again} {
			if err := s.rows(q, func(v []any) error { return fmt.Errorf("%s: %w: %v", table, errDiffers, v) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *second) used(string) error {
	for _, table := range []string{"actor", "type", "source", "site", "object", "ip"} {
		err := s.rows(fmt.Sprintf("SELECT id FROM %s WHERE id NOT IN (SELECT %s FROM activity WHERE %s IS NOT NULL)", table, table, table), func([]any) error { return errDiffers })
		if err != nil {
			return err
		}
	}
	return s.rows("PRAGMA integrity_check", func(v []any) error { return same(v[0], "ok") })
}

// linked replays who is linked to whom.
func (s *second) linked(string) error {
	links := map[string]any{}
	for seq := range int64(len(s.leaves)) {
		b := s.bodies[seq]
		switch p, _ := b["parameters"].(map[string]any); b["type"] {
		case "ActorLinked":
			a := p["actor"].(map[string]any)
			if who := fmt.Sprint(a["kind"], a["source"], a["name"]); p["linked"] == true {
				links[who] = p["user"].(map[string]any)["id"]
			} else {
				delete(links, who)
			}
		case "UserRemoved":
			for who, user := range links {
				if user == b["object"].(map[string]any)["id"] {
					delete(links, who)
				}
			}
		}
	}
	return s.rows("SELECT kind, source, name, user_id FROM actor WHERE source <> 'self'", func(v []any) error {
		return same(v[3], links[fmt.Sprint(v[0], v[1], v[2])])
	})
}
