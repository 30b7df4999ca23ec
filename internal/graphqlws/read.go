package graphqlws

import (
	"context"
	"errors"
	"io"
	"time"

	"jobgraph/internal/budget"
)

// errBusy is returned for a message for which there is no memory.
var errBusy = errors.New("the gateway has no memory left for the message")

// shortMessage is the length of a message that is read without an account.
const shortMessage = 4 << 10

// incoming is a message that is being read. A long one has an account until it has been handled, so
// that clients which send long messages slowly share the budget of the process.
type incoming struct {
	kind    int
	data    []byte
	account *budget.Account
}

// read reads the next message.
func (c *conn) read() (incoming, error) {
	kind, from, err := c.socket.NextReader()
	if err != nil {
		return incoming{}, err
	}
	m := incoming{kind: kind, data: make([]byte, 0, 512)}
	for {
		n, err := from.Read(m.data[len(m.data):cap(m.data)])
		m.data = m.data[:len(m.data)+n]
		if err == nil && len(m.data) == cap(m.data) {
			err = c.grow(&m)
		}
		switch {
		case err == io.EOF:
			m.account.ClientDone()
			return m, nil
		case err != nil:
			m.account.Close()
			return incoming{}, err
		}
	}
}

// grow makes room for more of a message.
func (c *conn) grow(m *incoming) error {
	size := 2 * cap(m.data)
	switch {
	case size <= shortMessage:
	case m.account == nil:
		_, account, refused := c.server.config.Reserve(context.Background(), size)
		if refused != nil {
			return errBusy
		}
		m.account = account
		account.AwaitClient(c.cutOff)
	default:
		if m.account.Grow(int64(size)) != nil {
			return errBusy
		}
	}
	larger := make([]byte, len(m.data), size)
	copy(larger, m.data)
	m.data = larger
	return nil
}

// cutOff ends a wait for the client, and the connection with it. It does not block.
func (c *conn) cutOff() { _ = c.socket.NetConn().SetDeadline(time.Unix(1, 0)) }
