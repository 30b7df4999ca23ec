package restclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
)

func TestACredentialIsNeverPrinted(t *testing.T) {
	secret := "glpat-secret"
	for _, cred := range []Credential{{HeaderPrivateToken, secret}, {secret, secret}, {Value: secret}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
			fmt.Fprintf(&out, verb+" ", cred)
			fmt.Fprintf(&out, verb+" ", &cred)
			fmt.Fprintf(&out, verb+" ", struct{ C Credential }{cred})
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("call", "credential", cred)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("call", "credential", map[string]Credential{"c": cred})
		if err := json.NewEncoder(&out).Encode(map[Credential]Credential{cred: cred}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(&out, cred.Validate(), cred.GoString())
		if strings.Contains(out.String(), secret) || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) {
			t.Errorf("the value was printed: %s", out.String())
		}
	}
}

func TestACredentialIsSentAsItCame(t *testing.T) {
	for _, cred := range []Credential{{}, {HeaderPrivateToken, "p"}, {HeaderAuthorization, "Bearer b"}, {HeaderJobToken, "j"}} {
		client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
			for _, header := range []string{HeaderPrivateToken, HeaderAuthorization, HeaderJobToken} {
				want := ""
				if header == cred.Header {
					want = cred.Value
				}
				if got := r.Header.Get(header); got != want {
					t.Errorf("%v: %s is %q, want %q", cred, header, got, want)
				}
			}
			answer(w, 200, "{}")
		})
		if _, err := client.Fetch(t.Context(), cred, "/job"); err != nil {
			t.Error(err)
		}
	}
}

func TestACredentialThatCannotBeAHeaderIsRefusedBeforeAnyCall(t *testing.T) {
	client := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("called") })
	for name, cred := range map[string]Credential{
		"CR": {HeaderPrivateToken, "a\rb"}, "LF": {HeaderPrivateToken, "a\nHost: x"}, "NUL": {HeaderPrivateToken, "a\x00"},
		"non-ASCII": {HeaderPrivateToken, "é"}, "another header": {"Sudo", "root"}, "no header": {"", "a"}, "no value": {HeaderJobToken, ""},
	} {
		_, fetched := client.Fetch(t.Context(), cred, "/job")
		_, sent := client.Send(t.Context(), cred, Erase("1", 1))
		_, traced := client.Trace(t.Context(), cred, "1", 1, TraceRange{})
		for _, err := range []error{fetched, sent, traced} {
			if _, ok := errors.AsType[*ArgumentError](err); !ok {
				t.Errorf("%s: %v is no ArgumentError", name, err)
			}
		}
	}
}

func TestOfSeveralCredentialsTheOneThatGitLabWouldTakeCounts(t *testing.T) {
	all := http.Header{}
	all.Set("JOB-TOKEN", "job")
	if got := CredentialFrom(all); got != (Credential{Header: HeaderJobToken, Value: "job"}) {
		t.Errorf("got %+v", got)
	}
	all.Set("Authorization", "Bearer oauth")
	if got := CredentialFrom(all); got != (Credential{Header: HeaderAuthorization, Value: "Bearer oauth"}) {
		t.Errorf("got %+v", got)
	}
	all.Set("PRIVATE-TOKEN", "pat")
	if got := CredentialFrom(all); got != (Credential{Header: HeaderPrivateToken, Value: "pat"}) {
		t.Errorf("got %+v", got)
	}
	if got := CredentialFrom(http.Header{"Cookie": {"_gitlab_session=1"}}); !got.IsAnonymous() {
		t.Errorf("got %+v", got)
	}
}
