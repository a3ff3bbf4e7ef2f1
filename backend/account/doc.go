// Package account knows who may come in: users, their sign-in and sessions, their
// access to sites, their preferences, their API tokens, and which identities of other
// sources are theirs.
//
// Every change is stored together with the activity that says so, in one
// transaction ([Store].Update); a change that changes nothing records nothing. No
// password, hash or token is ever in an activity.
//
// # What is recorded
//
// The actor is the caller: (user, self, login) of a signed-in user with source
// self, (os, cli, account) of the local owner with source cli. The object is the
// user it was done to. Only SiteAccessChanged names a site: the one the access is to.
//
//	type                    parameters                                        changes (old → new)
//	UserCreated             user{id,name} email                               login email name
//	UserChanged             user{id,name} passwordChanged                     email name disabled password (null → "changed")
//	UserRemoved             user{id,name}                                     login email name
//	SuperUserAccessChanged  user{id,name} hasSuperUserAccess                  super
//	SiteAccessChanged       user{id,name} access                              access (of body.site)
//	UserLoggedIn            –                                                 –
//	UserLoggedOut           everywhere                                        –
//	UserFailedToLogIn       login | login_hash, count (of a summary)          –
//	UserSettingsUpdated     –                                                 language zone theme density
//	UserPreferenceSet       user{id,name} preference value                    preference's name
//	TokenCreated            token{id,name}                                    scopes allowGet expiresAt
//	TokenChanged            token{id,name}                                    name scopes allowGet expiresAt
//	TokenRevoked            token{id,name}                                    –
//	ActorLinked             actor{id,kind,source,name} user{id,name} linked   user (login)
//
// A failed sign-in with a known login has that user as actor and result failed, so
// that the user sees it too. An unknown login is never stored as typed: the actor
// is (anonymous, self, "unknown") and login_hash is a keyed hash, the same for the
// same text. When ActorLinked has linked = false, user is the one it was taken from.
package account
