package view

import (
	"context"
	"slices"
)

// A once is a transaction that reads the views of each user but once, and keeps to itself
// what became of them: a file has up to 200.
type once struct {
	Tx
	lists map[int64][]Record
}

// Views is as the store's, in no order once it was changed.
func (o once) Views(ctx context.Context, user int64) ([]Record, error) {
	if list, read := o.lists[user]; read {
		return list, nil
	}
	list, err := o.Tx.Views(ctx, user)
	if err == nil {
		o.lists[user] = list
	}
	return list, err
}

// AddView stores a view and notes it.
func (o once) AddView(ctx context.Context, r Record) (int64, error) {
	id, err := o.Tx.AddView(ctx, r)
	if r.ID = id; err == nil {
		o.note(r)
	}
	return id, err
}

// PutView changes a view and notes it.
func (o once) PutView(ctx context.Context, r Record) error {
	err := o.Tx.PutView(ctx, r)
	if err == nil {
		o.note(r)
	}
	return err
}

func (o once) note(r Record) {
	for user, list := range o.lists {
		list = slices.DeleteFunc(slices.Clone(list), func(other Record) bool { return other.ID == r.ID })
		if r.Shared || r.User == user {
			list = append(list, r)
		}
		o.lists[user] = list
	}
}
