package system_test

import "testing"

// Every loopback address that may be listened on answers at the address printed. Only
// Linux has more than two of them without being set up for it.
func TestTheAddressPrintedAnswers(t *testing.T) {
	t.Parallel()
	p := newLog(t)
	for _, listen := range []string{"127.0.0.1:0", "127.0.0.2:0", "[::1]:0", "localhost:0"} {
		s := p.serveAs(p.command("serve", "--listen", listen))
		if status, body := s.call("", "status", "{}"); status != 200 {
			t.Errorf("%s: %s answers %d %s", listen, s.address, status, body)
		}
		s.stop()
	}
}
