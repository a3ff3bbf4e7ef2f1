package main

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"activitylog/backend"
	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/source"
)

// A desktop is what an App needs of the system's window. Wails is one (window.go);
// the tests have another, since they run without a screen.
type desktop interface {
	emit(ctx context.Context, name string, data ...any)
	onDrop(ctx context.Context, drop func(paths []string))
	openFiles(ctx context.Context, title string) ([]string, error)
	openFolder(ctx context.Context, title string) (string, error)
	saveFile(ctx context.Context, title, name string) (string, error)
	openURL(ctx context.Context, url string)
	theme(ctx context.Context, name string)
	tell(ctx context.Context, message string)
	quit(ctx context.Context)
}

// The events the page hears.
const (
	changedEvent   = "changed"   // something the caller sees may have changed: {revision}
	jobsEvent      = "jobs"      // the jobs as they are now
	dropEvent      = "drop"      // handles of the files dropped on the window
	closingEvent   = "closing"   // the window is to be closed while so many jobs run; [App.Leave] answers
	signedOutEvent = "signedOut" // the session ended without the page's doing
	servingEvent   = "serving"   // whether the window serves: a [Serving]
)

// newsEvery is how often the page hears of changes and running jobs at most: an
// import commits more often than anybody looks.
const newsEvery = 300 * time.Millisecond

// startup opens the log. What goes wrong is said in a dialog, and the program ends.
func (a *App) startup(ctx context.Context) {
	a.ctx, a.stop = context.WithCancel(ctx)
	up, err := backend.Open(a.ctx, a.config)
	if err != nil {
		a.logged(err)
		a.failed.Store(true)
		a.desktop.tell(ctx, fault.Public(err).Message)
		a.desktop.quit(ctx)
		return
	}
	a.up = up
	up.Tend(a.ctx)
	up.Watch(func() { a.dirty.Store(true) })
	a.desktop.onDrop(a.ctx, a.dropped)
	close(a.ready)
	a.background.Go(a.tellNews)
}

// shutdown closes the log; running jobs stop between two slices.
func (a *App) shutdown(context.Context) {
	if a.up == nil {
		return
	}
	a.stop()
	a.background.Wait()
	a.logged(a.up.Close())
}

// tellNews tells the page of changes, by this process or another, of its jobs while
// any is running, and of the end of its session. Which rows are the caller's is
// decided when the page asks.
func (a *App) tellNews() {
	tick := time.NewTicker(newsEvery)
	defer tick.Stop()
	a.serveAsSet()
	told, seat := "", seat{}
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-tick.C:
		}
		caller := a.caller()
		if seat.left(access.From(caller).Known()) {
			a.desktop.emit(a.ctx, signedOutEvent, nil)
		}
		if a.dirty.Swap(false) {
			a.tellChange()
			a.serveAsSet()
		} else if a.Serving().Error != "" {
			a.serveAsSet()
		}
		told = a.tellJobs(caller, told)
	}
}

// A seat is where somebody sits at the window, or nobody. The zero value is empty.
type seat struct {
	taken  bool
	missed int // looks in a row that found nobody
}

// left reports once that who sat there is gone: the session was ended by another
// process, or while the computer slept, and the page may never ask again. One look
// may fall between a session and the one that takes its place.
func (s *seat) left(known bool) bool {
	switch {
	case known:
		*s = seat{taken: true}
	case s.taken:
		if s.missed++; s.missed == 2 {
			*s = seat{}
			return true
		}
	}
	return false
}

func (a *App) tellChange() {
	status, err := call(a, a.up.Log.Status, activity.StatusIn{})
	if err == nil {
		a.desktop.emit(a.ctx, changedEvent, map[string]string{"revision": status.Revision})
	}
}

// tellJobs tells of jobs while any runs, and of each that began or ended, however
// short it was: the page may have asked in between. It returns what it told, given
// what was told last.
func (a *App) tellJobs(caller context.Context, told string) string {
	list, err := a.up.Jobs.Jobs(caller, job.ListIn{})
	if err != nil {
		return "" // nobody is signed in
	}
	states, running := list.States()
	if running || states != told {
		a.desktop.emit(a.ctx, jobsEvent, list.Jobs)
	}
	return states
}

// dropped turns files dropped on the window into handles. Their paths stay here. The
// page has not asked, so that what goes wrong is said in a dialog. What is no file,
// such as a link, arrives as an empty path.
func (a *App) dropped(paths []string) {
	paths = slices.DeleteFunc(paths, func(path string) bool { return path == "" })
	handles, err := a.handles(paths)
	if err == nil && len(handles) == 0 {
		err = fault.New(fault.Invalid, "Only files and folders can be dropped here.")
	}
	if err != nil {
		a.desktop.tell(a.ctx, fault.Public(err).Message)
		return
	}
	a.desktop.emit(a.ctx, dropEvent, handles)
}

func (a *App) handles(paths []string) ([]source.Handle, error) {
	return call(a, a.open().Sources.Offer, paths)
}

// PickFiles lets a person choose files to import; none if they choose nothing.
func (a *App) PickFiles() ([]source.Handle, error) {
	if err := a.may(access.Super); err != nil {
		return nil, err
	}
	paths, err := a.desktop.openFiles(a.ctx, "Import")
	if err != nil {
		return nil, dialogFault(err)
	}
	return a.handles(paths)
}

// PickFolder lets a person choose a folder to import; none if they choose nothing.
func (a *App) PickFolder() ([]source.Handle, error) {
	if err := a.may(access.Super); err != nil {
		return nil, err
	}
	path, err := a.desktop.openFolder(a.ctx, "Import")
	if err != nil {
		return nil, dialogFault(err)
	}
	if path == "" {
		return []source.Handle{}, nil
	}
	return a.handles([]string{path})
}

// SaveExport asks where an export shall go and writes it there. The answer is its
// job, null if the person chose nothing.
func (a *App) SaveExport(ticket, name string) (*job.Job, error) {
	if err := a.may(access.View); err != nil {
		return nil, err
	}
	path, err := a.desktop.saveFile(a.ctx, "Export", name)
	if err != nil {
		return nil, dialogFault(err)
	}
	if path == "" {
		return nil, nil
	}
	saved, err := a.up.Exports.Save(a.caller(), ticket, path)
	a.logged(err)
	return &saved, err
}

// OpenExternal opens a web address in the person's browser: nothing else, since what
// an activity says may be anything.
func (a *App) OpenExternal(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return fault.At("address", "Only addresses of the web are opened.")
	}
	a.open()
	a.desktop.openURL(a.ctx, u.String())
	return nil
}

// Theme makes the window's own parts light or dark, or as the system says (auto).
// dark is how the page looks with it: the next window begins in that colour. The page
// says so once it is painted.
func (a *App) Theme(name string, dark bool) error {
	if name != "auto" && name != "light" && name != "dark" {
		return fault.At("theme", "A theme is auto, light or dark.")
	}
	a.open()
	a.dark.Store(dark)
	a.painted.Store(true)
	a.desktop.theme(a.ctx, name)
	return nil
}

// may refuses before a dialog opens what would be refused after it.
func (a *App) may(least access.Role) error {
	a.open()
	_, err := access.Require(a.caller(), least)
	return err
}

// told is what the page is told of an error, as JSON in a text: Wails makes an Error
// of whatever it is given, and of anything but a text only "[object Object]" would be left.
func told(err error) any {
	text, failed := json.Marshal(fault.Public(err))
	if failed != nil {
		panic(failed) // three texts can be encoded
	}
	return string(text)
}

func dialogFault(err error) error {
	return fault.Wrap(err, fault.Unavailable, "The system's dialog could not be opened.")
}
