// Package avatar gets the pictures of people from Gravatar, if a super user switched
// that on. The page never asks the outside: this program does, over https, once for
// each address, and keeps the answer. While it is off no request leaves.
package avatar

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/settings"
)

// People tells e-mail addresses. The sqlite package implements it.
type People interface {
	// EmailOf returns the address of the user an actor is linked to; false if the
	// scope does not reach the actor or it is linked to nobody. One read.
	EmailOf(ctx context.Context, scope activity.Scope, actor int64) (string, bool, error)
}

// Options are what a [Service] stands on.
type Options struct {
	People   People
	Settings *settings.Service
	Dir      string // of the cache; made when needed
	Base     string // "" for Gravatar; another one is for tests and mirrors
	CAFile   string // PEM; "" for the system's
	Now      func() time.Time
}

// A Service gets pictures. It is safe for concurrent use.
type Service struct {
	people   People
	settings *settings.Service
	fetcher  *fetcher
	cache    cache

	mu     sync.Mutex
	flying map[string]*flight // by hash
}

// A flight is a request under way; those who want the same wait for it.
type flight struct {
	done chan struct{}
	data []byte
}

// New returns a service. It fails if the base address or the CA file is not usable;
// it asks nothing of the network.
func New(o Options) (*Service, error) {
	f, err := newFetcher(o.Base, o.CAFile)
	if err != nil {
		return nil, err
	}
	return &Service{
		people: o.People, settings: o.Settings, fetcher: f, cache: cache{dir: o.Dir, now: o.Now},
		flying: map[string]*flight{},
	}, nil
}

// Avatar returns the picture of an actor the caller may see as a data URI. It is ""
// while Gravatar is off, and where there is no linked user, no address or no picture.
// Errors: unauthenticated, denied (role none). Cost: two reads, a small file, and for
// an address not asked for a day one request of at most five seconds.
func (s *Service) Avatar(ctx context.Context, in In) (Out, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Out{}, err
	}
	now, err := s.settings.Current(ctx)
	if err != nil || !now.Gravatar {
		return Out{}, err
	}
	email, ok, err := s.people.EmailOf(ctx, activity.Scope{All: p.SeesAll(), User: p.UserID}, actorID(in.Actor))
	if err != nil {
		return Out{}, fault.Else(err, fault.Internal, "The picture could not be looked up. The program's log says why.")
	}
	if email = strings.ToLower(strings.TrimSpace(email)); !ok || email == "" {
		return Out{}, nil
	}
	sum := sha256.Sum256([]byte(email))
	data, err := s.picture(ctx, hex.EncodeToString(sum[:]))
	if err != nil {
		return Out{}, err
	}
	if len(data) == 0 {
		return Out{}, nil
	}
	return Out{Data: "data:" + mediaType(data) + ";base64," + base64.StdEncoding.EncodeToString(data)}, nil
}

// actorID reads an id; what is none is the id of nothing, which gets the answer of a
// foreign one.
func actorID(text string) int64 {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		return id
	}
	return 0
}

// picture returns the picture of a hash, nil if there is none: from the cache, from
// the request under way, or from a new one.
func (s *Service) picture(ctx context.Context, hash string) ([]byte, error) {
	s.mu.Lock()
	f, ok := s.flying[hash]
	if !ok {
		if data, fresh := s.cache.get(hash); fresh {
			s.mu.Unlock()
			return data, nil
		}
		f = &flight{done: make(chan struct{})}
		s.flying[hash] = f
		go s.fly(context.WithoutCancel(ctx), hash, f) // it serves others too
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return f.data, nil
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "The picture took too long. Try again.")
	}
}

// fly makes the request. A host that cannot be reached is asked again after an hour,
// like one that has no picture: the page must not wait for it each time.
func (s *Service) fly(ctx context.Context, hash string, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	data, err := s.fetcher.fetch(ctx, hash)
	if err == nil {
		f.data = data
	}
	_ = s.cache.put(hash, f.data) // a full disk costs the cache, not the picture
	s.mu.Lock()
	delete(s.flying, hash)
	s.mu.Unlock()
	close(f.done)
}

// Forget removes what is kept of people with these e-mail addresses. Errors: unavailable.
func (s *Service) Forget(emails []string) error {
	for _, email := range emails {
		sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
		if err := s.cache.drop(hex.EncodeToString(sum[:])); err != nil {
			return fault.Wrap(err, fault.Unavailable, "A picture in the data directory cannot be removed. Check the permissions.")
		}
	}
	return nil
}
