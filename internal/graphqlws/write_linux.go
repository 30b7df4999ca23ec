package graphqlws

import "syscall"

const canWriteNow = true

// writeNow writes as much as there is room for, without waiting for more.
func writeNow(raw syscall.RawConn, data []byte) (n int, err error) {
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for n < len(data) {
			wrote, e := syscall.Write(int(fd), data[n:])
			switch e {
			case nil:
				n += wrote
			case syscall.EINTR:
			case syscall.EAGAIN:
				return true
			default:
				failed = e
				return true
			}
		}
		return true
	})
	if err == nil {
		err = failed
	}
	return n, err
}
