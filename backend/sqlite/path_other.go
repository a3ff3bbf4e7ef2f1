//go:build !linux && !darwin && !windows

package sqlite

// networkFS returns "": how to ask is known for Linux, macOS and Windows.
func networkFS(string) string { return "" }
