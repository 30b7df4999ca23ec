package caller

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"jobgraph/restclient"
)

func TestAnAddressIsLimitedByItsNetwork(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7:4711": "192.0.2.7", "[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64", "[::ffff:192.0.2.7]:1": "192.0.2.7", "[fe80::1%eth0]:1": "fe80::/64", "@": "@",
	} {
		if got := (Caller{Address: address}).LimitKey(); got != (Caller{Address: want}) {
			t.Errorf("%s: %v, want %s", address, got, want)
		}
	}
}

func TestACredentialIsLimitedWhereverItComesFrom(t *testing.T) {
	token := http.Header{"Private-Token": {"a"}}
	here, err1 := FromHeaders(token, "192.0.2.7:1")
	there, err2 := FromHeaders(token, "192.0.2.8:1")
	other, err3 := FromHeaders(http.Header{"Job-Token": {"a"}}, "192.0.2.7:1")
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if here.LimitKey() != there.LimitKey() || here.LimitKey() == other.LimitKey() {
		t.Errorf("%v, %v, %v", here.LimitKey(), there.LimitKey(), other.LimitKey())
	}
}

// net/http accepts bytes past 127 in a header and sends them on.
func TestACredentialThatCannotBeSentIsAnError(t *testing.T) {
	for _, values := range [][]string{{"a\rb"}, {"a\nX-Admin: 1"}, {"a\x00b"}, {"tökén"}, {"a\tb"}, {"\x7f"}, {"\xff"}, {"a", "b"}} {
		for i, key := range canonical {
			_, err := FromHeaders(http.Header{key: values}, "")
			if bad, ok := errors.AsType[*HeaderError](err); !ok || bad.Header != Headers()[i] {
				t.Errorf("%s %q: %v", key, values, err)
			}
		}
	}
}

// The names stand twice, because http.Header's methods would make the canonical ones anew for each
// request.
func TestTheCanonicalHeadersAreThoseOfTheList(t *testing.T) {
	for i, name := range Headers() {
		if canonical[i] != http.CanonicalHeaderKey(name) {
			t.Errorf("%s is read as %s", name, canonical[i])
		}
	}
	if len(canonical) != len(Headers()) {
		t.Error("the lists differ in length")
	}
}

func TestAContextCarriesTheCaller(t *testing.T) {
	c := Caller{Credential: restclient.Credential{Header: restclient.HeaderJobToken, Value: "secret"}, Address: "192.0.2.7:1"}
	if got, ok := From(With(t.Context(), c)); !ok || got != c {
		t.Errorf("got %v, %t", got, ok)
	}
	if _, ok := From(context.Background()); ok {
		t.Error("a context has a caller that none was put into")
	}
	if text := fmt.Sprintf("%v %+v %#v", c, c, c); text != "{JOB-TOKEN [hidden] 192.0.2.7:1} {Credential:JOB-TOKEN [hidden] Address:192.0.2.7:1} caller.Caller{Credential:JOB-TOKEN [hidden], Address:\"192.0.2.7:1\"}" {
		t.Error(text)
	}
}
