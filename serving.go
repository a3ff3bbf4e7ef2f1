package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"activitylog/backend/fault"
	"activitylog/backend/httpapi"
)

// serveAgain is how often a port is tried that another program has.
const serveAgain = 5 * time.Second

// Serving says whether the window serves browsers and programs of this machine.
type Serving struct {
	Address string `json:"address"` // "" while it does not
	Error   string `json:"error"`   // why not, though it should
}

// A server serves while the window is open, as the setting says.
type server struct {
	mu    sync.Mutex
	state Serving
	// What follows is used by one goroutine only.
	on    bool // as it was set last
	port  int
	tried time.Time
	stop  func() // ends it; requests that run may take a while
}

// Serving is what the status line shows: at any time, to whoever sits at the window.
func (a *App) Serving() Serving {
	a.server.mu.Lock()
	defer a.server.mu.Unlock()
	return a.server.state
}

// serveAsSet starts or ends serving, if the setting has changed or a port was taken.
func (a *App) serveAsSet() {
	s := &a.server
	set, err := a.up.Settings.Current(a.ctx)
	if err != nil {
		return // the next change asks again
	}
	taken := a.Serving().Error != ""
	if set.Serve == s.on && set.Port == s.port && (!taken || a.now().Sub(s.tried) < serveAgain) {
		return
	}
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	s.on, s.port, s.tried = set.Serve, set.Port, a.now()
	now := Serving{}
	if set.Serve {
		if now.Address, s.stop, err = a.serve(set.Port); err != nil {
			now.Error = fault.Public(err).Message
		}
	}
	s.mu.Lock()
	changed := s.state != now
	s.state = now
	s.mu.Unlock()
	if changed {
		a.desktop.emit(a.ctx, servingEvent, now)
	}
}

// serve answers on a port until stop is called or the window closes.
func (a *App) serve(port int) (address string, stop func(), err error) {
	listener, err := httpapi.Listen(a.ctx, fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", nil, err
	}
	address, hosts := httpapi.Address(listener)
	ctx, cancel := context.WithCancel(a.ctx)
	a.background.Go(func() {
		a.logged(httpapi.Serve(ctx, listener, httpapi.Over(a.up, httpapi.Options{Hosts: hosts, Page: a.page, Now: a.now, Log: a.log})))
	})
	return address, cancel, nil
}
