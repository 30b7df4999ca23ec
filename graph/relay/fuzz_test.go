package relay

import "testing"

func FuzzACursorThatIsReadIsWrittenAgain(f *testing.F) {
	for _, c := range []Cursor{
		{List: "job", Key: "7"},
		{List: "pipelinejob", Within: 6, Key: "7", Offset: 119},
		{List: "artifact", Within: 7, Key: "job log.gz"},
	} {
		f.Add(c.Encode(), c.List, c.Within)
	}
	for _, text := range []string{"", "MQ", "MSBqb2IgMCAwIDc=", "MSBqb2IgMCAtMSA3", "MiBqb2IgMCAwIDc", "MSBqb2IgMCB6enp6enp6IDc", "MSBqb2IgMCAwIA"} {
		f.Add(text, "job", int64(0))
	}
	f.Fuzz(func(t *testing.T, text, list string, within int64) {
		c, err := DecodeCursor(text, list, within)
		if err != nil {
			if c != (Cursor{}) {
				t.Errorf("%q: an error, and %+v", text, c)
			}
			return
		}
		if c.List != list || c.Within != within || c.Key == "" || c.Offset < 0 {
			t.Errorf("%q is no cursor of %q in %d: %+v", text, list, within, c)
		}
		if again, err := DecodeCursor(c.Encode(), list, within); err != nil || again != c {
			t.Errorf("%q: %+v, then %+v, %v", text, c, again, err)
		}
	})
}
