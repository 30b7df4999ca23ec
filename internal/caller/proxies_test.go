package caller

import "testing"

func TestAProxyIsBelievedOnItsClient(t *testing.T) {
	p, err := ParseProxies("10.0.0.0/8, 192.0.2.1,2001:db8::/32")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"198.51.100.1:80", []string{"203.0.113.1"}, "198.51.100.1:80"}, // no proxy of ours
		{"10.1.2.3:80", nil, "10.1.2.3:80"},
		{"10.1.2.3:80", []string{"203.0.113.1"}, "203.0.113.1:0"},
		{"10.1.2.3:80", []string{"203.0.113.9, 203.0.113.1"}, "203.0.113.1:0"}, // the first one may be invented
		{"10.1.2.3:80", []string{"203.0.113.9", "203.0.113.1, 10.9.9.9"}, "203.0.113.1:0"},
		{"[2001:db8::1]:80", []string{"2001:dead::1"}, "[2001:dead::1]:0"},
		{"[::ffff:192.0.2.1]:80", []string{"203.0.113.1"}, "203.0.113.1:0"},
		{"10.1.2.3:80", []string{"203.0.113.1, nonsense"}, "10.1.2.3:80"},
		{"10.1.2.3:80", []string{"10.0.0.1"}, "10.0.0.1:0"},
		{"@", []string{"203.0.113.1"}, "@"},
	} {
		if got := p.Client(c.remote, c.forwarded); got != c.want {
			t.Errorf("%s, %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
	for _, bad := range []string{"proxy.example", "10.0.0.0/33", "10.0.0.0/8,x"} {
		if _, err := ParseProxies(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}
