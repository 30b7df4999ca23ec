package admission

import "net/netip"

// Network is what stands for the caller at an address (host:port) that sends no credential: the address, or, as IPv6 gives whole networks to
// one host, its /64. An address that is none stands for itself.
func Network(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return remote
	}
	return network.String()
}
