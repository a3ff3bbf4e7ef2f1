package cli

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"activitylog/backend/fault"
)

// maxPassword bounds what is read as a secret; the service says what is too long.
const maxPassword = 4 << 10

// firstLine reads a secret, which what names, from the first line of the input.
func (c *call) firstLine(what string) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(c.In, maxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fault.Wrap(err, fault.Invalid, "The %s could not be read from the input.", what).Blame(what)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// password gets a new password: with --password-stdin the first line of the input,
// otherwise asked for twice. It never comes as an argument, where others on this
// machine could see it.
func (c *call) password(fromStdin bool) (string, error) {
	if fromStdin {
		return c.firstLine("password")
	}
	if c.Ask == nil {
		return "", fault.At("password", "There is no terminal to ask for the password. Send it with --password-stdin.")
	}
	first, err := c.Ask("Password: ")
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The password could not be read.")
	}
	second, err := c.Ask("Again: ")
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "The password could not be read.")
	}
	if first != second {
		return "", fault.At("password", "The two passwords differ. Nothing was changed.")
	}
	return first, nil
}
