package live

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// The first words of the messages between replicas. A topic follows.
const (
	look = "look" // the topic has changed
	hook = "hook" // the same, by a webhook
	free = "free" // nobody holds the lease of its fast poll
)

// leaseName names the lease of a topic's fast poll. The name of a branch, which has no bound and is
// part of answers, is in it as a hash.
func (k topicKey) leaseName() string {
	name := "live/" + k.Topic.String()
	if k.scope != "" || k.ref != "" {
		sum := sha256.Sum256([]byte(k.scope + "/" + k.ref))
		name += "/" + hex.EncodeToString(sum[:16])
	}
	return name
}

// Wake makes this replica and the others read again what a write through this gateway has changed.
func (e *Engine) Wake(topic Topic) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.polls.WakeUps.Write++
	e.wake(topic, false)
	e.publish(look, topic)
}

// Hook handles a webhook: this replica and the others read the topic again, and poll its project
// less often.
func (e *Engine) Hook(topic Topic) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.polls.WakeUps.Hook++
	e.wake(topic, true)
	e.publish(hook, topic)
}

// Receive handles a message of another replica. One that it does not know is ignored: it is of a
// later release.
func (e *Engine) Receive(message string) {
	word, name, _ := strings.Cut(message, " ")
	topic, err := ParseTopic(name)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch word {
	case look, hook:
		e.polls.WakeUps.Replica++
		e.wake(topic, word == hook)
	case free:
		for key, t := range e.topics {
			if key.Topic == topic && t.poller == nil {
				t.next.setEarlier(e, 0, t.tick)
			}
		}
	}
}

// WakeAll makes this replica read all topics again, spread over an interval. It is for when
// messages of other replicas may have been missed.
func (e *Engine) WakeAll() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, t := range e.topics {
		t.later.setEarlier(e, e.jitter(e.config.MinInterval, 1), t.wakeNow)
	}
}

// wake wakes every topic that a change of this one may show in. A job's change shows in its
// pipeline, among its project's jobs, and at the end of its log.
func (e *Engine) wake(changed Topic, hook bool) {
	now := e.clock.Now()
	for key, t := range e.topics {
		if key.Project != changed.Project {
			continue
		}
		trusted := t.hooks.trusted(now)
		if hook && key.Kind != Log {
			t.hooks.heard = now
		}
		if t.shows(changed) {
			t.wake()
		} else if t.hooks.trusted(now) && !trusted && t.poller == nil {
			t.schedule()
		}
	}
}

func (t *topic) shows(changed Topic) bool {
	switch t.key.Kind {
	case ProjectJobs:
		return true
	case Pipeline:
		if changed.Kind == Job {
			_, found := find(t.latest, changed.ID)
			return found || t.wanted[changed.ID] > 0
		}
		return changed.Kind == Pipeline && changed.ID == t.key.ID
	case Log:
		return changed.Kind != Pipeline && changed.ID == t.key.ID
	}
	return false
}

// publish sends a message about a topic to the other replicas.
func (e *Engine) publish(word string, topic Topic) {
	if e.config.Store == nil || e.closed {
		return
	}
	e.background(func() {
		// If it fails, the other replicas find the change by their own polls.
		_ = e.config.Store.Publish(e.ctx, word+" "+topic.String())
	})
}
