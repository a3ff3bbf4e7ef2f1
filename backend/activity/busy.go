package activity

import "errors"

// ErrBusy is in the chain of a store's failure where another process held the log for
// too long. Nothing was stored; the same can be tried again.
var ErrBusy = errors.New("another process holds the log")
