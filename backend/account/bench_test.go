package account_test

import "testing"

// BenchmarkAuthenticate is what every call over HTTP and at the window costs before
// anything else.
func BenchmarkAuthenticate(b *testing.B) {
	log := open(b)
	log.set()
	s, ctx := log.in("boss"), window()
	for b.Loop() {
		if _, err := log.Authenticate(ctx, s.Token); err != nil {
			b.Fatal(err)
		}
	}
}
