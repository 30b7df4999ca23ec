package live

import (
	"time"

	"jobgraph/restclient"
)

// account is the call budget of one credential.
type account struct {
	credential restclient.Credential
	watches    map[topicKey]*watch
	opening    int       // subscriptions that wait for their first read
	tokens     float64   // calls that are left; below zero where more was needed than there was
	counted    time.Time // when tokens was right
	notBefore  time.Time // GitLab asked to wait until then
}

// account returns the account of a credential, and makes it where there is none.
func (e *Engine) account(credential restclient.Credential) *account {
	a := e.accounts[credential]
	if a == nil {
		a = &account{credential: credential, watches: map[topicKey]*watch{}, tokens: float64(e.config.CallsPerMinute),
			counted: e.clock.Now()}
		e.accounts[credential] = a
	}
	return a
}

// release forgets an account that nothing uses.
func (e *Engine) release(a *account) {
	if len(a.watches) == 0 && a.opening == 0 && !e.clock.Now().Before(a.notBefore) {
		delete(e.accounts, a.credential)
	}
}

// refill adds the calls that the elapsed time allows.
func (a *account) refill(e *Engine) {
	now, perMinute := e.clock.Now(), float64(e.config.CallsPerMinute)
	a.tokens = min(perMinute, a.tokens+now.Sub(a.counted).Minutes()*perMinute)
	a.counted = now
}

// charge takes calls from the budget. The budget may go below zero, by five minutes' worth: then
// fast polls wait until it is positive again.
func (e *Engine) charge(credential restclient.Credential, calls int) {
	a := e.accounts[credential]
	if a == nil {
		return
	}
	a.refill(e)
	a.tokens = max(a.tokens-float64(calls), -5*float64(e.config.CallsPerMinute))
}

// wait is how long a fast poll of this account has to wait: for its budget, and for the Retry-After
// that GitLab gave.
func (a *account) wait(e *Engine) time.Duration {
	a.refill(e)
	wait := a.pause(e)
	if a.tokens < 1 {
		wait = max(wait, time.Duration((1-a.tokens)/float64(e.config.CallsPerMinute)*float64(time.Minute)))
	}
	return wait
}

// pause is how long any read of this account has to wait.
func (a *account) pause(e *Engine) time.Duration { return max(0, a.notBefore.Sub(e.clock.Now())) }
