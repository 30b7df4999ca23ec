package caller

import (
	"fmt"
	"net/netip"
	"strings"
)

// Proxies are the networks whose X-Forwarded-For header is trusted.
type Proxies []netip.Prefix

// ParseProxies reads a comma-separated list of addresses and networks: 10.0.0.0/8, 192.0.2.1.
func ParseProxies(list string) (Proxies, error) {
	var all Proxies
	for part := range strings.SplitSeq(list, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			address, bad := netip.ParseAddr(part)
			if bad != nil {
				return nil, fmt.Errorf("%q is neither an address nor a network", part)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		all = append(all, prefix)
	}
	return all, nil
}

func (p Proxies) contain(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// Client returns the address of the client of a request that came from remote, host:port: remote
// itself, or, where that is a proxy, the last address of X-Forwarded-For that is none. A proxy
// appends the address that it sees, so that what stands further left may be invented.
func (p Proxies) Client(remote string, forwarded []string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil || !p.contain(at.Addr().Unmap()) {
		return remote
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		remote = netip.AddrPortFrom(hop, 0).String()
		if !p.contain(hop.Unmap()) {
			break
		}
	}
	return remote
}
