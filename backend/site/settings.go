package site

import (
	"context"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Defaults are the settings of a site where none was ever set.
func Defaults() Settings { return Settings{Offered: true} }

// ConfigureSite changes a site's settings. Its admins and super users may. Errors:
// unauthenticated, denied, not_found (also for a site the caller has no access to),
// invalid (field description, objectLink).
func (s *Service) ConfigureSite(ctx context.Context, in ConfigureIn) (Site, error) {
	p, err := access.Require(ctx, access.Admin)
	if err != nil {
		return Site{}, err
	}
	if err := in.check(); err != nil {
		return Site{}, err
	}
	var out Site
	err = s.store.Update(ctx, func(tx Tx) error {
		r, level, err := s.reach(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		changes := in.over(&r.Settings)
		out = shown(r, level)
		if len(changes) == 0 {
			return nil
		}
		keys := make([]string, len(changes))
		for i, c := range changes {
			keys[i] = c.Field
		}
		b := s.about(p, "SiteSettingsUpdated", r, nil)
		b.Parameters = account.JSON(map[string]any{"settings": keys}) // which site it is, is said by site and object
		b.Changes = changes
		if err := tx.SaveSite(ctx, r); err != nil {
			return err
		}
		_, err = tx.Record(ctx, b)
		return err
	})
	return out, failed(err)
}

// over takes over what is to change and says what that is.
func (in ConfigureIn) over(now *Settings) []activity.Change {
	return append(append(
		changed("description", &now.Description, in.Description),
		changed("objectLink", &now.ObjectLink, in.ObjectLink)...),
		changed("offered", &now.Offered, in.Offered)...)
}

func changed[T comparable](field string, now, to *T) []activity.Change {
	if to == nil || *to == *now {
		return nil
	}
	said := account.Changed(field, *now, *to)
	*now = *to
	return []activity.Change{said}
}

// check tidies the inputs and refuses bad ones.
func (in *ConfigureIn) check() error {
	if in.Description != nil {
		text := strings.TrimSpace(strings.ReplaceAll(*in.Description, "\r\n", "\n"))
		if utf8.RuneCountInString(text) > maxDescription {
			return fault.At("description", "The description is longer than %d characters.", maxDescription)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if err := account.CheckLine("description", "description", strings.ReplaceAll(line, "\t", " "), maxDescription); err != nil {
				return err
			}
		}
		in.Description = &text
	}
	if in.ObjectLink == nil {
		return nil
	}
	link, err := checkLink(*in.ObjectLink)
	in.ObjectLink = &link
	return err
}

// checkLink returns the address of objects, in which {id}, {kind} and {name} stand for
// theirs, behind the host; "" is none.
func checkLink(text string) (string, error) {
	const field = "objectLink"
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	if err := account.CheckLine(field, "link", text, maxAddress); err != nil {
		return "", err
	}
	plain := strings.NewReplacer("{id}", "1", "{kind}", "1", "{name}", "1").Replace(text)
	scheme, rest, ok := strings.Cut(text, "://")
	u, err := url.Parse(plain)
	if err != nil || !ok || scheme != "https" && scheme != "http" || !isHost(u.Hostname()) || strings.ContainsFunc(plain, unicode.IsSpace) {
		return "", fault.At(field, "%q is not an address. Write it like https://shop.example/goals/{id}.", text)
	}
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	switch {
	case u.User != nil:
		return "", fault.At(field, "The link must not hold a name or a password.")
	case strings.ContainsAny(host, "{}"):
		return "", fault.At(field, "{id}, {kind} and {name} may only stand behind the host.")
	case strings.ContainsAny(plain, "{}"):
		return "", fault.At(field, "Only {id}, {kind} and {name} may stand in braces.")
	case !strings.Contains(text, "{id}") && !strings.Contains(text, "{name}"):
		return "", fault.At(field, "The link needs {id} or {name}, where the object's own is to stand.")
	}
	return text, nil
}
