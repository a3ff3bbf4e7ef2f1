package backend

// What tests of the served program need of this package, which they cannot be in: the
// front they serve it by stands above it.
var (
	OpenAt = open
	Cheap  = cheap
)
