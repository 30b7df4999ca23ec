package main

import (
	"image/color"
	"math"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// colors are those of the series of a curve, distinct for the colour-blind too.
var colors = [...]color.RGBA{{0, 114, 178, 255}, {213, 94, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}}

// line is one value of each point.
type line struct {
	value  func(result) float64
	dashes []vg.Length
}

// draw writes a curve as SVG: the time of a query, its CPU time and the gateway's memory, side by
// side.
func (c curve) draw(file string) error {
	dashes := []vg.Length{vg.Points(3), vg.Points(2)}
	panels := [][]*plot.Plot{{
		c.panel("time of a query, ms; dashed: 99th percentile",
			line{value: func(r result) float64 { return r.P50 }},
			line{value: func(r result) float64 { return r.P99 }, dashes: dashes}),
		c.panel("CPU of a query, ms; dashed: calls and bytes alone",
			line{value: func(r result) float64 { return r.CPU }}, line{value: relayCPU, dashes: dashes}),
		c.panel("peak memory, MB", line{value: func(r result) float64 { return r.Memory }}),
	}}
	canvas := vgsvg.New(24*vg.Centimeter, 7.5*vg.Centimeter)
	whole := draw.New(canvas)
	whole.FillPolygon(color.White, []vg.Point{{X: 0, Y: 0}, {X: whole.Max.X, Y: 0}, whole.Max, {X: 0, Y: whole.Max.Y}})
	tiles := draw.Tiles{
		Rows: 1, Cols: len(panels[0]), PadX: vg.Points(14),
		PadLeft: vg.Points(4), PadRight: vg.Points(10), PadTop: vg.Points(4), PadBottom: vg.Points(4),
	}
	for row, canvases := range plot.Align(panels, tiles, whole) {
		for col, on := range canvases {
			panels[row][col].Draw(on)
		}
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(out); err != nil {
		_ = out.Close() // the error that matters is the first
		return err
	}
	return out.Close()
}

// relayCPU is NaN where no relay was measured.
func relayCPU(r result) float64 {
	if r.Relay == nil {
		return math.NaN()
	}
	return r.Relay.CPU
}

// panel draws some lines of each series.
func (c curve) panel(title string, lines ...line) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text = title, c.axis
	p.Title.Padding, p.Legend.Padding = vg.Points(4), vg.Points(2)
	for style, size := range map[*text.Style]float64{
		&p.Title.TextStyle: 9, &p.Legend.TextStyle: 7.5, &p.X.Label.TextStyle: 8, &p.X.Tick.Label: 7.5, &p.Y.Tick.Label: 7.5,
	} {
		style.Font.Size, style.Font.Variant = vg.Points(size), "Sans"
	}
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = color.Gray{Y: 225}, color.Gray{Y: 225}
	p.Add(grid)
	p.Legend.Top, p.Legend.Left = true, true
	for i, s := range c.series {
		for n, l := range lines {
			drawn, marks := s.plot(l, colors[i])
			if len(drawn.XYs) == 0 {
				continue
			}
			p.Add(drawn, marks)
			if n == 0 && len(c.series) > 1 {
				p.Legend.Add(s.name, drawn)
			}
		}
	}
	c.scale(p)
	return p
}

// scale makes an axis logarithmic where its values are of different orders, and has it begin at
// nothing otherwise.
func (c curve) scale(p *plot.Plot) {
	p.X.Tick.Marker, p.Y.Tick.Marker = even{}, even{}
	if c.log {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, decades{}
	}
	const ofDifferentOrders, room = 20, 1.4 // room is for the legend
	if c.steep && p.Y.Min > 0 && p.Y.Max/p.Y.Min > ofDifferentOrders {
		p.Y.Max *= math.Pow(p.Y.Max/p.Y.Min, room-1)
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, decades{}
		return
	}
	p.Y.Min, p.Y.Max = 0, p.Y.Max*room
}

func (s series) plot(l line, c color.Color) (*plotter.Line, *plotter.Scatter) {
	var points plotter.XYs
	for _, point := range s.points {
		if y := l.value(point.result); !math.IsNaN(y) {
			points = append(points, plotter.XY{X: point.x, Y: y})
		}
	}
	drawn := &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: c, Width: vg.Points(1.2), Dashes: l.dashes}}
	glyph := draw.GlyphStyle{Color: c, Radius: vg.Points(1.6), Shape: draw.CircleGlyph{}}
	marks := &plotter.Scatter{XYs: points, GlyphStyle: glyph}
	return drawn, marks
}

// even are the ticks of a linear axis.
type even struct{}

// Ticks implements plot.Ticker.
func (even) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i, tick := range ticks {
		if !tick.IsMinor() {
			ticks[i].Label = thousands(tick.Value)
		}
	}
	return ticks
}

// decades are the ticks of a logarithmic axis: 1, 10, 100, and 2 and 5 in between where the axis is
// short.
type decades struct{}

// Ticks implements plot.Ticker.
func (decades) Ticks(low, high float64) []plot.Tick {
	isShort := high/low < 300
	var ticks []plot.Tick
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= high; decade *= 10 {
		for _, step := range []float64{1, 2, 5} {
			value := decade * step
			if value < low*0.999 || value > high*1.001 {
				continue
			}
			tick := plot.Tick{Value: value}
			if step == 1 || isShort {
				tick.Label = thousands(value)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// thousands writes a number with k for thousands and M for millions.
func thousands(v float64) string {
	switch {
	case v >= 1e6:
		return short(v/1e6) + "M"
	case v >= 1e3:
		return short(v/1e3) + "k"
	}
	return short(v)
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
