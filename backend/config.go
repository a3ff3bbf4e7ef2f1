// Package backend is where the program is put together: [Open] makes every service
// over one database, Close takes them down in order.
package backend

import (
	"log/slog"
	"os"
	"path/filepath"

	"activitylog/backend/fault"
)

// A Config is what the program is started with. What people change while it runs is
// a setting, kept in the database.
type Config struct {
	// Data is the data directory: the database, the keys, the caches.
	Data string
	// State keeps the high-water mark, away from the database so that an older copy
	// of the data directory is noticed. "" is "state" inside Data.
	State string
	// Create makes a data directory that does not exist; without it a missing one is
	// an error.
	Create bool
	// Token is the API token that the command line acts as; "" acts as the owner of the
	// data. It is never an argument, since other users see those.
	Token string
	// GravatarBase and GravatarCA replace the picture service, for tests.
	GravatarBase string
	GravatarCA   string
	// MatomoCA is a PEM file of certificates that are trusted for Matomo servers, beside
	// the system's.
	MatomoCA string
	// MatomoToken opens the log of a Matomo server that the command line imports.
	MatomoToken string
	// DrawingChosen says that the user has decided how WebKitGTK draws, so that the
	// window leaves the variable alone.
	DrawingChosen bool
	// Version is what the program calls itself.
	Version string
	// Log is told the causes of what fails while nobody waits for it. Nil is not told.
	Log *slog.Logger
}

// The environment the program reads. No other place does.
const (
	EnvData         = "ACTIVITYLOG_DATA"          // data directory
	EnvState        = "ACTIVITYLOG_STATE"         // directory of the high-water mark
	EnvToken        = "ACTIVITYLOG_TOKEN"         // API token for the command line
	EnvGravatarBase = "ACTIVITYLOG_GRAVATAR_BASE" // https address that serves /avatar/<hash>
	EnvGravatarCA   = "ACTIVITYLOG_GRAVATAR_CA"   // PEM file that vouches for it
	EnvMatomoCA     = "ACTIVITYLOG_MATOMO_CA"     // PEM file that vouches for Matomo servers too
	EnvMatomoToken  = "ACTIVITYLOG_MATOMO_TOKEN"  // token_auth of the Matomo server to import

	EnvNoDMABUF = "WEBKIT_DISABLE_DMABUF_RENDERER" // WebKitGTK's own
)

// LoadConfig reads the environment. Flags come on top of it. Data stays "" where it is
// not named and the platform names no directory for configuration: see [Config.Located].
func LoadConfig() Config {
	c := Config{
		Data: os.Getenv(EnvData), State: os.Getenv(EnvState), Token: os.Getenv(EnvToken),
		GravatarBase: os.Getenv(EnvGravatarBase), GravatarCA: os.Getenv(EnvGravatarCA),
		MatomoCA: os.Getenv(EnvMatomoCA), MatomoToken: os.Getenv(EnvMatomoToken),
	}
	_, c.DrawingChosen = os.LookupEnv(EnvNoDMABUF)
	if base, err := os.UserConfigDir(); err == nil && c.Data == "" {
		c.Data = filepath.Join(base, "activitylog")
	}
	return c
}

// Located refuses a configuration without a data directory; otherwise the one the
// program happens to be started in would do. Errors: unavailable.
func (c Config) Located() error {
	if c.Data == "" {
		return fault.New(fault.Unavailable, "No data directory is known. Name one with --data DIR.")
	}
	return nil
}

// Database returns the path of the database file.
func (c Config) Database() string { return filepath.Join(c.Data, "activity.db") }
