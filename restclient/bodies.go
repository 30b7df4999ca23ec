package restclient

import (
	"context"
	"sync"
)

// bodies is memory for the bodies of answers, used again and again: bodies of hundreds of kilobytes
// would keep the collector busy with little else. It comes in classes of size, with a pool for
// each.
type bodies struct{ pools [len(bodySizes)]sync.Pool }

// bodySizes are the sizes of the classes, a quarter larger than the one before at most. Smaller
// bodies and larger ones are left to the collector.
var bodySizes = [...]int{
	2 << 10, 5 << 9, 3 << 10, 7 << 9, 4 << 10, 5 << 10, 6 << 10, 7 << 10, 8 << 10, 10 << 10, 12 << 10, 14 << 10,
	16 << 10, 20 << 10, 24 << 10, 28 << 10, 32 << 10, 40 << 10, 48 << 10, 56 << 10, 64 << 10, 80 << 10, 96 << 10,
	112 << 10, 128 << 10, 160 << 10, 192 << 10, 224 << 10, 256 << 10, 320 << 10, 384 << 10, 448 << 10, 512 << 10,
}

// bodyClass returns the smallest class for so many bytes; false if there is none.
func bodyClass(length int64) (class int, ok bool) {
	if length < int64(bodySizes[0]/2) {
		return 0, false
	}
	for i, size := range bodySizes {
		if length <= int64(size) {
			return i, true
		}
	}
	return 0, false
}

// take returns memory of a class.
func (b *bodies) take(class int) []byte {
	if kept, ok := b.pools[class].Get().(*[]byte); ok {
		return *kept
	}
	return make([]byte, bodySizes[class])
}

// free takes the memory of a body back.
func (b *bodies) free(body []byte) {
	if class, ok := bodyClass(int64(cap(body))); ok && cap(body) == bodySizes[class] {
		body = body[:cap(body)]
		b.pools[class].Put(&body)
	}
}

type releasingKey struct{}

// Releasing returns a context for calls whose caller calls [Response.Release] once it has read the
// answer. Only their bodies are in memory that is used again.
func Releasing(ctx context.Context) context.Context {
	return context.WithValue(ctx, releasingKey{}, true)
}

func isReleasing(ctx context.Context) bool { return ctx.Value(releasingKey{}) != nil }
