//go:build !linux && !darwin

package http1

import "net"

// peeker is not supported here: an idle connection is checked by reading from it for a moment.
type peeker struct{}

func newPeeker(net.Conn) *peeker { return nil }

func (*peeker) isQuiet() bool { return false }
