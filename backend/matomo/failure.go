package matomo

import (
	"errors"
	"strings"

	"activitylog/backend/fault"
)

// The statuses that core sends. Most errors have none of their own, so they go out as
// 200: clients look at the answer.
const (
	statusOK           = 200
	statusBadRequest   = 400
	statusUnauthorized = 401
	statusInternal     = 500
	statusUnavailable  = 503
)

// A failure is what a caller is told: core's own sentence where it has one.
type failure struct {
	status  int
	message string
	cause   error // to be logged, nil otherwise
}

func (f *failure) Error() string { return f.message }

func fail(status int, message string) *failure { return &failure{status: status, message: message} }

// The sentences of core that do not depend on anything (lang/en.json, core/API).
var (
	errNoMethod    = fail(statusOK, "The parameter 'method' isn't set in the Request, and a default value wasn't provided.")
	errMethodName  = fail(statusOK, "The method name is invalid. Expected 'module.methodName'")
	errBadToken    = fail(statusUnauthorized, "Unable to authenticate with the provided token. It is either invalid or expired.")
	errBadGetToken = fail(statusUnauthorized, "Unable to authenticate with the provided token. It is either invalid, expired or is required to be sent as a POST parameter.")
	errNobody      = fail(statusUnauthorized, "You must be logged in to access this functionality.")
	errNotView     = fail(statusUnauthorized, "You can't access this resource as it requires view access for at least one website.")
	errNotAdmin    = fail(statusUnauthorized, "You can't access this resource as it requires admin access for at least one website.")
	errNotSuper    = fail(statusUnauthorized, "You can't access this resource as it requires a 'superuser' access.")
	errConflict    = fail(statusBadRequest, "Conflicting authentication parameters provided.")
	errJSONP       = fail(statusBadRequest, "JSONP is not served here: any web page could read its answer. Leave out callback and jsoncallback.")
)

func unknownFormat(name string) *failure {
	return fail(statusOK, "Renderer format '"+name+"' not valid. Try any of the following instead: "+strings.Join(formatNames(), ", ")+".")
}

func noPlugin(module string) *failure {
	return fail(statusOK, "The plugin "+module+" is not enabled. You can activate the plugin on Settings > Plugins page in Matomo.")
}

func unknownMethod(module, name string) *failure {
	return fail(statusBadRequest, "The method '"+name+"' does not exist or is not available in the module '\\Piwik\\Plugins\\"+module+"\\API'.")
}

func missing(parameter string) *failure {
	return fail(statusOK, "Please specify a value for '"+parameter+"'.")
}

func notTheUser(login string) *failure {
	return fail(statusUnauthorized, "The user has to be either a Super User or the user '"+login+"' itself.")
}

func noUser(login string) *failure {
	return fail(statusOK, "User '"+login+"' doesn't exist.")
}

// failureOf puts any error into words for a caller. What the services say of a caller
// is said as core does.
func failureOf(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	public := fault.Public(err)
	switch public.Code {
	case fault.Unauthenticated:
		return errNobody
	case fault.Denied:
		return errNotView
	case fault.Unavailable:
		return &failure{status: statusUnavailable, message: public.Message}
	case fault.Internal:
		return &failure{status: statusInternal, message: public.Message, cause: err}
	}
	return &failure{status: statusOK, message: public.Message}
}
