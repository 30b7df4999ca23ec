package budget

import "sync/atomic"

// step is how much a meter reserves at once.
const step = 64 << 10

// Meter reserves for a count that grows in small steps. The zero value has no bound.
type Meter struct {
	account           *Account
	counted, reserved atomic.Int64
}

// NewMeter returns a meter that reserves from an account.
func NewMeter(a *Account) *Meter { return &Meter{account: a} }

// Add counts n more bytes, or fewer, and reserves more where the count is past what is reserved.
// What was reserved stays so until the account is closed.
func (m *Meter) Add(n int64) error {
	if m.account == nil {
		return nil
	}
	for count := m.counted.Add(n); ; {
		reserved := m.reserved.Load()
		if count <= reserved {
			return nil
		}
		more := max(count-reserved, step)
		if m.reserved.CompareAndSwap(reserved, reserved+more) {
			return m.account.Grow(more)
		}
	}
}
