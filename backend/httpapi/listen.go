package httpapi

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"activitylog/backend/fault"
)

// socketPrefix marks the path of a Unix socket among addresses.
const socketPrefix = "unix:"

// Listen takes an address: a loopback address with its port (0: a free one), or unix:
// with the path of a socket, which only the owner of the process may use then. What
// leaves the machine in the clear could be read on the way, so nothing else is served.
// Errors: invalid (field listen), unavailable (taken, or not to be had).
func Listen(ctx context.Context, address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, socketPrefix); ok {
		return listenSocket(ctx, path)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fault.At("listen", "Listen on an address and a port, for example 127.0.0.1:8765, or on unix:/path/of/a/socket.")
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() {
		return nil, fault.At("listen", "Only this machine is served: listen on a loopback address such as 127.0.0.1 or [::1], not %q.", host)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		if in, ok := errors.AsType[*net.OpError](err); ok && strings.Contains(in.Err.Error(), "in use") {
			return nil, fault.Wrap(err, fault.Unavailable, "Port %s is taken by another program. Choose another; 0 takes a free one.", port)
		}
		return nil, fault.Wrap(err, fault.Unavailable, "%s cannot be listened on.", address)
	}
	return listener, nil
}

// listenSocket makes a socket with mode 0600. It is made in a directory that nobody
// else may enter and moved to its place, so that it is never open wider.
func listenSocket(ctx context.Context, path string) (net.Listener, error) {
	cannot := func(err error) error {
		return fault.Wrap(err, fault.Unavailable, "The socket %s cannot be made. Its directory must exist and be yours to write, and the path be short.", path)
	}
	if err := clearSocket(ctx, path); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".al-")
	if err != nil {
		return nil, cannot(err)
	}
	defer os.RemoveAll(dir)
	made := filepath.Join(dir, "s")
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", made)
	if err != nil {
		return nil, cannot(err)
	}
	l := &socket{Listener: listener, path: path}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		listener.Close()
		return nil, cannot(err)
	}
	return l, nil
}

// clearSocket removes a socket that a process left behind. Anything else stays.
func clearSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err == nil && info.Mode().Type() != os.ModeSocket:
		return fault.At("listen", "%s is there already and is no socket. Name another path.", path)
	}
	if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path); err == nil {
		conn.Close()
		return fault.New(fault.Unavailable, "Another program answers at the socket %s already. End it, or name another path.", path)
	}
	if err := os.Remove(path); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The socket %s of a program that has ended cannot be removed.", path)
	}
	return nil
}

// A socket is a Unix socket that is gone once it is closed.
type socket struct {
	net.Listener
	path string
}

func (s *socket) Close() error {
	return errors.Join(s.Listener.Close(), os.Remove(s.path))
}

// Address is where a listener answers, as a person types it, and the spellings of Host
// that reach it.
func Address(l net.Listener) (address string, hosts []string) {
	if s, ok := l.(*socket); ok {
		return socketPrefix + s.path, []string{"localhost"}
	}
	at := l.Addr().String()
	_, port, _ := net.SplitHostPort(at)
	hosts = LoopbackHosts(port)
	if !slices.Contains(hosts, at) {
		hosts = append(hosts, at)
	}
	return "http://" + at + "/", hosts
}
