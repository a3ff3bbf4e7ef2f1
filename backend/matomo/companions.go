package matomo

import (
	"context"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
	"activitylog/backend/site"
)

// What programs are told they talk to: the core whose forms these are, and the PHP that
// would write them. Neither runs here.
const (
	coreVersion = "5.2.0"
	phpVersion  = "8.2.0"
)

// viewer refuses, as core does, who may see nothing.
func viewer(ctx context.Context) error {
	if !mayView(ctx) {
		return errNotView
	}
	return nil
}

func mayView(ctx context.Context) bool {
	p := access.From(ctx)
	return p.Known() && p.Role.AtLeast(access.View)
}

func getMatomoVersion(ctx context.Context, _ *call, _ values) (any, error) {
	return coreVersion, viewer(ctx)
}

func getPhpVersion(ctx context.Context, _ *call, _ values) (any, error) {
	if !access.From(ctx).SeesAll() {
		return nil, errNotSuper
	}
	return Map{{"version", phpVersion}, {"major", int64(8)}, {"minor", int64(2)}, {"release", int64(0)}, {"versionId", int64(80200)}, {"extra", ""}}, nil
}

func getIPFromHeader(ctx context.Context, _ *call, _ values) (any, error) {
	return access.From(ctx).IP, viewer(ctx)
}

// getSettings are core's defaults of its section [APISettings], for anybody.
func getSettings(context.Context, *call, values) (any, error) {
	return Map{{"SDK_batch_size", int64(10)}, {"SDK_interval_value", int64(30)}}, nil
}

func getUsersLogin(ctx context.Context, c *call, _ values) (any, error) {
	logins, err := c.api.options.Accounts.Logins(ctx)
	if code := fault.CodeOf(err); code == fault.Denied || code == fault.Unauthenticated {
		return nil, errNotAdmin
	}
	list := List{}
	for _, login := range logins {
		list = append(list, login)
	}
	return list, err
}

func getUser(ctx context.Context, c *call, in values) (any, error) {
	login := in.text("userLogin")
	user, err := c.api.options.Accounts.UserNamed(ctx, login)
	switch fault.CodeOf(err) {
	case fault.Denied, fault.Unauthenticated:
		return nil, notTheUser(login)
	case fault.NotFound:
		return nil, noUser(login)
	}
	if err != nil {
		return nil, err
	}
	super := int64(0)
	if user.Super {
		super = 1
	}
	return Map{
		{"login", user.Login},
		{"email", user.Email},
		{"superuser_access", super},
		{"date_registered", time.UnixMilli(user.CreatedAt).UTC().Format(time.DateTime)},
	}, nil
}

// getSites lists the sites the caller has access to: nobody has none.
func getSites(ctx context.Context, c *call, _ values) (any, error) {
	if !mayView(ctx) {
		return List{}, nil
	}
	sites, err := c.api.options.Sites.Sites(ctx, site.SitesIn{})
	if err != nil {
		return nil, err
	}
	list := List{}
	for _, s := range sites.Sites {
		id, err := strconv.ParseInt(s.ID, 10, 64)
		if err != nil {
			return nil, fault.Wrap(err, fault.Internal, "The sites could not be read. The program's log says why.")
		}
		main := ""
		if len(s.Addresses) > 0 {
			main = s.Addresses[0]
		}
		list = append(list, Map{{"idsite", id}, {"name", s.Name}, {"main_url", main}, {"type", s.Kind}, {"timezone", s.Zone}})
	}
	return list, nil
}
