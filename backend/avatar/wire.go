package avatar

// In asks for the picture of an actor.
type In struct {
	Actor string `json:"actor"` // id
}

// Out holds the picture. Data is "" where there is none (Gravatar off, no linked
// user, no picture, not reachable): draw initials.
type Out struct {
	Data string `json:"data"` // data: URI, PNG, JPEG, GIF or WebP of at most 256 KiB
}
