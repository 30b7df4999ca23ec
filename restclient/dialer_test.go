package restclient

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// remote is a connection to an address.
type remote struct {
	net.Conn
	address net.TCPAddr
}

func (r *remote) RemoteAddr() net.Addr { return &r.address }

func TestADeadFirstAddressIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialed []string
		dead := true
		answering := net.TCPAddr{IP: net.IPv4(192, 0, 2, 2), Port: 443}
		d := newDialer()
		d.dial = func(_ context.Context, _, address string) (net.Conn, error) {
			dialed = append(dialed, address)
			switch {
			case address == "gitlab.example:443" && dead:
				time.Sleep(2500 * time.Millisecond) // the first address
			case address == answering.String() && !dead:
				return nil, errors.New("refused")
			}
			return &remote{address: answering}, nil
		}
		connect := func(want time.Duration, by ...string) {
			t.Helper()
			dialed = nil
			began := time.Now()
			_, err := d.DialContext(t.Context(), "tcp", "gitlab.example:443")
			if err != nil || time.Since(began) != want || !slices.Equal(dialed, by) {
				t.Errorf("%v after %s by %v; want %s by %v", err, time.Since(began), dialed, want, by)
			}
		}
		connect(2500*time.Millisecond, "gitlab.example:443")
		for range 3 {
			connect(0, answering.String())
		}
		time.Sleep(preferFor)
		connect(2500*time.Millisecond, "gitlab.example:443")
		dead = false // and the other one is
		connect(0, answering.String(), "gitlab.example:443")
		connect(0, "gitlab.example:443")
	})
}
