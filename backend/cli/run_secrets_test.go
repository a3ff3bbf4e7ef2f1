package cli

import (
	"strings"
	"testing"
)

func TestCommandLineHidesSecrets(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"rsync|-a|/srv/shop|backup:/srv/", "rsync -a /srv/shop backup:/srv/"},
		{"echo|it's|two words|", `echo 'it'\''s' 'two words' ''`},
		{"tool|--password|geheim|next", "tool --password ***masked*** next"},
		{"tool|--password=geheim|--user=ann", "tool --password=***masked*** --user=ann"},
		{"tool|--password|--user|ann", "tool --password --user ann"},
		{"env|API_KEY=geheim|tool", "env API_KEY=***masked*** tool"},
		{"curl|-H|Authorization: Bearer geheim|https://ann:geheim@shop.example/?a=1&token=geheim&b=2", "curl -H 'Authorization: ***masked***' 'https://ann:***masked***@shop.example/?a=1&token=***masked***&b=2'"},
		{"tool|--token-count|7", "tool --token-count 7"},
		{"password|geheim", "password geheim"}, // a command of that name has arguments like others
	} {
		if got := commandLine(strings.Split(c.args, "|")); got != c.want {
			t.Errorf("%s became\n%s, want\n%s", c.args, got, c.want)
		}
	}
}
