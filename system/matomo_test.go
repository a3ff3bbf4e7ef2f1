package system_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// The examples of docs/matomo.md, run as they stand there.
func TestMatomoExamples(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			cannot(t, "no %s", tool)
		}
	}
	data, err := os.ReadFile("../docs/matomo.md")
	if err != nil {
		t.Fatal(err)
	}
	p := newLog(t)
	p.mustRead(`{"type":"GoalAdded","actor":"cat","occurredAt":"2025-11-20T09:15:00Z","ip":"203.0.113.7","site":"Shop & Co","parameters":{"goal":{"id":"7","name":"Newsletter"}}}
{"type":"GoalDeleted","actor":"ben","occurredAt":"2025-11-21T10:00:00Z","parameters":{"goal":{"id":"7","name":"Newsletter"}}}
`, "record", "-")
	token := p.must("token", "create", "--name", "reader", "--scope", "read:all")
	s := p.serve()
	examples := regexp.MustCompile("(?s)```sh\n(.*?)```\n\n```\n(.*?)\n```\n").FindAllStringSubmatch(string(data), -1)
	if len(examples) < 5 {
		t.Fatalf("only %d examples", len(examples))
	}
	for _, example := range examples {
		c := exec.Command("bash", "-euo", "pipefail", "-c", example[1])
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "URL=http://" + s.addr, "TOKEN=" + token}
		out, err := c.Output()
		if err != nil || strings.TrimSpace(string(out)) != example[2] {
			t.Errorf("%s\n%s\n%v, want\n%s", example[1], out, err, example[2])
		}
	}
}
