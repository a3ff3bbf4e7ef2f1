package sqlite

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/erasure"
)

// Person finds a person by the account's id or else by an identity's. An identity that
// is, or is linked to, an account brings that account's other identities too.
// Cost: a look at each activity by them, and at those that changed the account.
// Errors: unavailable, internal (a stored body cannot be read).
func (db *DB) Person(ctx context.Context, user, identity int64) (who erasure.Person, found bool, err error) {
	err = db.reading(ctx, func(tx bun.Tx) error {
		if user == 0 {
			link, ok, err := (accountView{tx}).Actor(ctx, identity)
			if err != nil || !ok {
				return err
			}
			if who.Identities = []account.Link{link}; link.User != nil {
				user = *link.User
			}
		}
		if who.UserID = user; user != 0 {
			r, ok, err := (accountView{tx}).UserByID(ctx, user)
			if err != nil {
				return err
			}
			if ok {
				who.User = &r
			}
			if who.Identities, err = identitiesOf(ctx, tx, user); err != nil {
				return err
			}
		}
		if found = who.User != nil || len(who.Identities) > 0; !found {
			return nil
		}
		if who.Called, err = calledBefore(ctx, tx, user); err != nil {
			return err
		}
		who.Addresses, err = addressesOf(ctx, tx, who.Identities)
		return err
	})
	return who, found, err
}

// identitiesOf lists an account's identities, its own first.
func identitiesOf(ctx context.Context, tx bun.IDB, user int64) ([]account.Link, error) {
	var rows []struct {
		ID                 int64
		Kind, Source, Name string
	}
	err := tx.NewSelect().TableExpr("actor").ColumnExpr("id, kind, source, name").Where("user_id = ?", user).
		OrderExpr("source <> ?, kind, source, name", self).Scan(ctx, &rows)
	list := make([]account.Link, len(rows))
	for i, r := range rows {
		list[i] = account.Link{Actor: r.ID, Kind: r.Kind, Source: r.Source, Name: r.Name, User: &user}
	}
	return list, err
}

// calledBefore collects what the log says of how an account was called.
func calledBefore(ctx context.Context, tx bun.IDB, user int64) ([]string, error) {
	if user == 0 {
		return nil, nil
	}
	var ids []int64
	if err := tx.NewSelect().TableExpr("object").ColumnExpr("id").Where("kind = 'user' AND ident = ?", decimalOf(user)).Scan(ctx, &ids); err != nil {
		return nil, err
	}
	var bodies [][]byte
	if len(ids) == 0 {
		return nil, nil
	}
	err := tx.NewSelect().TableExpr("words AS w CROSS JOIN activity AS a ON a.key = w.rowid").ColumnExpr("a.body").
		Where("w.words MATCH ?", facets('o', ids)).
		Where("a.source IN (SELECT id FROM source WHERE name IN ('self', 'cli'))").
		Where("a.type IN (SELECT id FROM type WHERE name IN ('UserCreated', 'UserChanged', 'UserRemoved'))").Scan(ctx, &bodies)
	var called []string
	add := func(text string) {
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(called, text) {
			called = append(called, text)
		}
	}
	for _, data := range bodies {
		b, err := activity.DecodeBody(data)
		if err != nil {
			return nil, err
		}
		add(b.Object.Name)
		for _, c := range b.Changes {
			for _, value := range []json.RawMessage{c.Old, c.New} {
				var text string
				if (c.Field == "login" || c.Field == "email" || c.Field == "name") && json.Unmarshal(value, &text) == nil {
					add(text)
				}
			}
		}
	}
	return called, err
}

// addressesOf lists the whole addresses from which identities acted. Those of a machine
// to itself, and masked ones, are nobody's in particular.
func addressesOf(ctx context.Context, tx bun.IDB, identities []account.Link) ([]netip.Addr, error) {
	ids := make([]int64, len(identities))
	for i, link := range identities {
		ids[i] = link.Actor
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows [][]byte
	err := tx.NewSelect().TableExpr("words AS w CROSS JOIN activity AS a ON a.key = w.rowid CROSS JOIN ip ON ip.id = a.ip").
		ColumnExpr("DISTINCT ip.addr").Where("w.words MATCH ?", facets('a', ids)).Where("ip.prefix = 128").Scan(ctx, &rows)
	var list []netip.Addr
	for _, raw := range rows {
		if addr, ok := netip.AddrFromSlice(raw); ok {
			if addr = addr.Unmap(); !addr.IsLoopback() && !addr.IsUnspecified() {
				list = append(list, addr)
			}
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return list, err
}
