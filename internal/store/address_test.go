package store

import (
	"slices"
	"strings"
	"testing"
)

func TestAddressesOfRedis(t *testing.T) {
	for address, want := range map[string][]string{
		"redis://localhost":                       {"localhost:6379"},
		"redis://user:secret@a:1/2":               {"a:1"},
		"rediss://:secret@a":                      {"a:6379"},
		"redis://:secret@a:1,b:2,c":               {"a:1", "b:2", "c:6379"},
		"redis://:secret@a:1,b:2/0?master_name=m": {"a:1", "b:2"},
	} {
		o, err := parseAddress(address)
		if err != nil || !slices.Equal(o.Addrs, want) {
			t.Errorf("%s: %+v, %v", address, o, err)
			continue
		}
		if strings.Contains(address, "secret") != (o.Password == "secret") || strings.HasPrefix(address, "rediss") != (o.TLSConfig != nil) {
			t.Errorf("%s: password %q, TLS %v", address, o.Password, o.TLSConfig)
		}
		if o.IsClusterMode != (len(want) == 3) || (o.MasterName == "m") != strings.Contains(address, "master_name") {
			t.Errorf("%s: cluster %t, master %q", address, o.IsClusterMode, o.MasterName)
		}
	}
	for _, bad := range []string{"", "localhost:6379", "http://a", "redis://", "redis://:secret@a:port"} {
		if _, err := parseAddress(bad); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
