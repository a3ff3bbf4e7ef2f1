package main

// mayClose is asked when the window is about to close. While jobs run, the page asks
// the person first; whoever closes a second time, or has no page that could ask, is
// not held. Nor is the system.
func (a *App) mayClose() bool {
	select {
	case <-a.ready:
	default:
		return true
	}
	running := a.up.Jobs.Running()
	if running == 0 || !a.painted.Load() || a.ending.Err() != nil || a.asked.Swap(true) {
		return true
	}
	a.desktop.emit(a.ctx, closingEvent, running)
	return false
}

// Leave is the person's answer to that: close, or stay.
func (a *App) Leave(leave bool) {
	a.open()
	a.asked.Store(leave)
	if leave {
		a.desktop.quit(a.ctx)
	}
}
