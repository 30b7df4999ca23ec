package live

import "strings"

// leaseName names the lease of a topic's fast poll.
func (k topicKey) leaseName() string {
	name := "live/" + k.Topic.String()
	if k.scope != "" || k.ref != "" {
		name += "/" + k.scope + "/" + k.ref
	}
	return name
}

// Wake makes this replica and the others read again what a write through this gateway has changed.
func (e *Engine) Wake(topic Topic) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.polls.WakeUps.Write++
	e.wake(topic, false)
	e.publish("look " + topic.String())
}

// Hook handles a webhook: this replica and the others read the topic again, and poll its project
// less often.
func (e *Engine) Hook(topic Topic) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.polls.WakeUps.Hook++
	e.wake(topic, true)
	e.publish("hook " + topic.String())
}

// Receive handles a message of another replica.
func (e *Engine) Receive(message string) {
	source, name, _ := strings.Cut(message, " ")
	topic, err := ParseTopic(name)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.polls.WakeUps.Replica++
	e.wake(topic, source == "hook")
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

// publish sends a wake-up of a topic to the other replicas.
func (t *topic) publish(source string) {
	t.engine.publish(source + " " + t.key.Topic.String())
}

func (e *Engine) publish(message string) {
	if e.config.Store == nil || e.closed {
		return
	}
	e.background(func() {
		_ = e.config.Store.Publish(e.ctx, message) // the other replicas find the change by their own polls
	})
}
