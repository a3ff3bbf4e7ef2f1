package source

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"activitylog/backend/activity"
)

func trail(t *testing.T, data string) (activity.Draft, *activity.SiteRef) {
	t.Helper()
	d, site, err := trailMapping()([]byte(data))
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return d, site
}

// with returns a record with further members.
func with(members string) string {
	if members != "" {
		members = ", " + members
	}
	return `{"eventTime": "2026-11-23T09:15:00Z", "eventSource": "s3.amazonaws.com", "eventName": "PutObject", "eventID": "e1"` + members + `}`
}

func TestTrailActors(t *testing.T) {
	tests := []struct{ identity, kind, name string }{
		{`{"type": "IAMUser", "userName": "ann", "arn": "arn:aws:iam::1:user/team/ann"}`, "user", "ann"},
		{`{"type": "IAMUser", "userName": " ", "arn": "arn:aws:iam::1:user/team/ann"}`, "user", "ann"},
		{`{"type": "Root", "arn": "arn:aws:iam::1:root"}`, "user", "root"},
		{`{"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/deploy/session-1"}`, "user", "session-1"},
		{`{"type": "AWSService", "invokedBy": "rds.amazonaws.com"}`, "service", "rds.amazonaws.com"},
		{`{"type": "AWSAccount", "accountId": "1", "principalId": "AIDA:x"}`, "service", "AIDA:x"},
		{`{"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}`, "anonymous", "anonymous"},
		{`{"accountId": "1", "invokedBy": "secretsmanager.amazonaws.com"}`, "service", "secretsmanager.amazonaws.com"},
		{`{"type": "Unknown"}`, "user", "Unknown"},
		{`{"userName": {"a": 1}}`, "anonymous", "unknown"},
		{`{}`, "anonymous", "unknown"},
		{`null`, "anonymous", "unknown"},
		{`"ann"`, "anonymous", "unknown"},
	}
	for _, tt := range tests {
		d, _ := trail(t, with(`"userIdentity": `+tt.identity))
		if d.Actor == nil || d.Actor.Kind != tt.kind || d.Actor.Name != tt.name {
			t.Errorf("%s is %+v, want %s %s", tt.identity, d.Actor, tt.kind, tt.name)
		}
	}
	if d, _ := trail(t, with("")); d.Actor == nil || d.Actor.Name != "unknown" {
		t.Errorf("without identity: %+v", d.Actor)
	}
}

func TestTrailResults(t *testing.T) {
	tests := []struct{ members, want string }{
		{``, "ok"},
		{`"errorCode": ""`, "ok"},
		{`"errorCode": "AccessDenied"`, "denied"},
		{`"errorCode": "Client.UnauthorizedOperation"`, "denied"},
		{`"errorCode": "403 Forbidden"`, "denied"},
		{`"errorCode": "NoSuchBucket"`, "failed"},
		{`"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Success"}`, "ok"},
		{`"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}`, "failed"},
		{`"eventName": "ConsoleLogin", "responseElements": null`, "ok"},
		{`"responseElements": {"ConsoleLogin": "Failure"}`, "ok"},
	}
	for _, tt := range tests {
		if d, _ := trail(t, with(tt.members)); d.Result != tt.want {
			t.Errorf("%s: %s, want %s", tt.members, d.Result, tt.want)
		}
	}
}

func TestTrailObjects(t *testing.T) {
	tests := []struct{ name, members, want string }{
		{"a resource", `"resources": [{"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::logs"}]`, "bucket arn:aws:s3:::logs logs"},
		{"the first with an ARN", `"resources": [{"accountId": "1"}, {"type": "AWS::IAM::Role", "ARN": "arn:aws:iam::1:role/x/deploy"}]`, "role arn:aws:iam::1:role/x/deploy deploy"},
		{"no type", `"resources": [{"ARN": "arn:aws:ec2:eu:1:instance/i-1"}]`, "instance arn:aws:ec2:eu:1:instance/i-1 i-1"},
		{"no type, with colons", `"resources": [{"ARN": "arn:aws:lambda:eu:1:function:f"}]`, "function arn:aws:lambda:eu:1:function:f f"},
		{"an object of S3", `"resources": [{"ARN": "arn:aws:s3:::logs/a/b.txt"}]`, "object arn:aws:s3:::logs/a/b.txt b.txt"},
		{"a bucket without type", `"resources": [{"ARN": "arn:aws:s3:::logs"}]`, "bucket arn:aws:s3:::logs logs"},
		{"a queue", `"resources": [{"ARN": "arn:aws:sqs:eu:1:jobs"}]`, "sqs arn:aws:sqs:eu:1:jobs jobs"},
		{"a name", `"requestParameters": {"Host": "h", "bucketName": "logs"}`, "bucket logs logs"},
		{"the name the call is about", `"eventName": "DeletePolicy", "requestParameters": {"roleName": "r", "policyName": "p"}`, "policy p p"},
		{"the first name", `"requestParameters": {"regionName": "eu", "roleName": "r", "policyName": "p"}`, "role r r"},
		{"a name before an id", `"requestParameters": {"keyId": "k", "roleName": "r"}`, "role r r"},
		{"an id", `"requestParameters": {"instanceId": "i-1"}`, "instance i-1 i-1"},
		{"a group of subnets", `"requestParameters": {"dBSubnetGroupName": "g"}`, "db-subnet-group g g"},
		{"names that are no text", `"requestParameters": {"bucketName": {"a": 1}, "roleName": null}`, ""},
		{"nothing", `"requestParameters": null`, ""},
		{"parameters that are a list", `"requestParameters": ["bucketName"], "resources": {"ARN": "x"}`, ""},
	}
	for _, tt := range tests {
		d, _ := trail(t, with(tt.members))
		got := ""
		if d.Object != nil {
			got = d.Object.Kind + " " + d.Object.ID + " " + d.Object.Name
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTrailFields(t *testing.T) {
	d, site := trail(t, with(`"recipientAccountId": "123", "sourceIPAddress": "2001:db8::1", "userAgent": "cli", "requestID": "r1",
		"awsRegion": "eu-west-1", "readOnly": false, "requestParameters": {"n": 9007199254740993}, "userIdentity": {"accountId": "9"}`))
	if d.Type != "s3:PutObject" || *d.ExternalID != "e1" || *d.OccurredAt != "2026-11-23T09:15:00Z" || *d.IP != "2001:db8::1" || *d.UserAgent != "cli" || *d.RequestID != "r1" {
		t.Errorf("%+v", d)
	}
	if site == nil || *site != (activity.SiteRef{Kind: "other", Name: "123"}) {
		t.Errorf("site %+v", site)
	}
	want := `{"awsRegion":"eu-west-1","readOnly":false,"requestParameters":{"n": 9007199254740993}}`
	if string(d.Parameters) != want {
		t.Errorf("parameters\n got %s\nwant %s", d.Parameters, want)
	}
	if _, site := trail(t, with(`"userIdentity": {"accountId": "9"}`)); site == nil || site.Name != "9" {
		t.Errorf("the caller's account is not the site: %+v", site)
	}
	if _, site := trail(t, with(``)); site != nil {
		t.Errorf("a site from nowhere: %+v", site)
	}
	for _, address := range []string{"cloudtrail.amazonaws.com", "AWS Internal", "035.249.253.232", "[2001:db8::1]:80"} {
		d, _ := trail(t, with(`"sourceIPAddress": "`+address+`"`))
		if d.IP != nil || !strings.Contains(string(d.Parameters), `"sourceIPAddress":"`+address+`"`) {
			t.Errorf("%s: ip %v, parameters %s", address, d.IP, d.Parameters)
		}
	}
	if d, _ := trail(t, with(`"eventName": "Put <Object>"`)); d.Type != "s3:Put--Object-" {
		t.Errorf("type %q", d.Type)
	}
}

func TestTrailWithoutEventID(t *testing.T) {
	m := trailMapping()
	id := func(record string) string {
		d, _, err := m([]byte(record))
		if err != nil {
			t.Fatal(err)
		}
		return *d.ExternalID
	}
	record := `{"eventTime": "2026-11-23T09:15:00Z", "eventName": "PutObject"}`
	first, second := id(record), id(record)
	if first == second || !strings.HasPrefix(first, "sha256:") {
		t.Errorf("ids %q and %q", first, second)
	}
	m = trailMapping()
	if again := id(record); again != first {
		t.Errorf("the next import calls it %q, not %q", again, first)
	}
}

func TestTrailRejects(t *testing.T) {
	for _, bad := range []string{`[]`, `"x"`, `1`, `{}`, `{"eventName": "a"}`, `{"eventTime": "2026-11-23T09:15:00Z"}`, `{"type": "GoalAdded"}`} {
		if d, _, err := trailMapping()([]byte(bad)); err == nil {
			t.Errorf("%s became %+v", bad, d)
		}
	}
}

func FuzzCloudTrail(f *testing.F) {
	f.Add([]byte(with(`"userIdentity": {"type": "IAMUser", "userName": "ann"}, "resources": [{"ARN": "arn:aws:s3:::a/b"}], "requestParameters": {"bucketName": "x"}`)))
	f.Add([]byte(with(`"eventName": "\u0000", "errorCode": 5, "responseElements": []`)))
	f.Add([]byte(`{"eventName": [], "eventTime": {}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		d, _, err := trailMapping()(data)
		if err != nil {
			return
		}
		if d.Actor == nil || strings.TrimSpace(d.Actor.Name) == "" || d.Type == "" || d.ExternalID == nil {
			t.Fatalf("%s became %+v", data, d)
		}
		if !json.Valid(d.Parameters) {
			t.Fatalf("parameters of %s: %s", data, d.Parameters)
		}
		if o := d.Object; o != nil && (o.Kind == "" || o.Name == "") {
			t.Fatalf("object of %s: %+v", data, o)
		}
	})
}

// sampleFiles are real logs, where they are at hand. They are no part of the project.
func sampleFiles(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("ACTIVITYLOG_SAMPLE_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	files, err := filepath.Glob(filepath.Join(dir, "cloudtrail", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("there are no sample logs here: set ACTIVITYLOG_SAMPLE_DATA to a folder with cloudtrail/<set>/<file>.json")
	}
	return files
}

func TestSampleLogsMap(t *testing.T) {
	files := sampleFiles(t)
	r := jsonFiles(files, files, trailMapping())
	counts := map[string]int{}
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		d := record.Draft
		counts["read"]++
		counts[d.Result]++
		if d.Object != nil {
			counts["object"]++
		}
		if d.Actor.Name == "" || d.Actor.Name == "unknown" {
			counts["nobody"]++
		}
		if record.Site == nil {
			counts["nowhere"]++
		}
		body, cut, err := activity.Prepare(d, activity.Origin{Source: "import:cloudtrail/main", Import: true, Site: record.Site})
		if err != nil || cut {
			t.Fatalf("%s %d: cut %v, %v", record.File, record.Line, cut, err)
		}
		if text := string(body.Parameters) + string(body.Raw); strings.Contains(text, "[object Object]") {
			t.Fatalf("%s %d: [object Object]", record.File, record.Line)
		}
	}
	for what, want := range map[string]int{"read": 3210, "denied": 111, "failed": 241, "nobody": 0, "nowhere": 0} {
		if counts[what] != want {
			t.Errorf("%s: %d, want %d", what, counts[what], want)
		}
	}
	if counts["object"] < 1000 {
		t.Errorf("only %d have an object", counts["object"])
	}
}
