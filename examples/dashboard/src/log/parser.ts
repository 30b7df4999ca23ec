// The format of a job's log: the runner's time stamps, section markers and ANSI colours.

export type Style = { color?: string; background?: string; bold?: boolean; italic?: boolean; underline?: boolean };
export type Span = { text: string; style: Style };
export type Line = { number: number; spans: Span[] };
export type Section = {
  name: string;
  title: Line | null;
  started: number;
  finished: number | null;
  collapsed: boolean;
  hideDuration: boolean;
  parts: (Line | Section)[];
};

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [0-9a-f]{2}[OE]([+ ])/;
const marker = /section_(start|end):(\d+):([a-zA-Z0-9_.-]+)(?:\[([^\]]*)\])?\r?(?:\x1b\[0K)?/g;
const escape = /\x1b\[([0-9;?]*)([A-Za-z])/g;
const firstColumn = /\x1b\[1?G/g;
const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

// visible reports whether anything of a text is seen.
const visible = (text: string) => text.replace(escape, "").trim() !== "";

// Log is a log as far as it has come. Append takes what follows, cut anywhere.
export class Log {
  root: Section = { name: "", title: null, started: 0, finished: null, collapsed: false, hideDuration: false, parts: [] };
  private open: Section[] = [this.root];
  private rest = "";
  private style: Style = {};
  private count = 0;

  append(text: string) {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.physical(line);
  }

  // end takes a last line without a line break.
  end() {
    if (this.rest) this.physical(this.rest);
    this.rest = "";
  }

  // physical takes a line of the file. The runner splits a long line of the job's over several, of which each but the
  // first is marked by "+".
  private physical(line: string) {
    const at = stamp.exec(line);
    if (at?.[1] === "+") this.continue(line.slice(at[0].length));
    else this.logical(at ? line.slice(at[0].length) : line);
  }

  private continue(text: string) {
    const section = this.open.at(-1)!;
    const last = section.parts.at(-1);
    const untitled = section !== this.root && section.parts.length === 0 && !section.title;
    if (text.search(marker) >= 0) this.logical(text);
    else if (untitled) this.text(text, section); // the runner writes a section's title behind its marker
    else if (last && "spans" in last) last.spans.push(...this.spans(text));
    else this.logical(text);
  }

  private logical(line: string) {
    let at = 0;
    let opened: Section | null = null;
    for (const m of line.matchAll(marker)) {
      const before = line.slice(at, m.index);
      if (visible(before)) this.text(before, null);
      at = m.index + m[0].length;
      if (m[1] === "start") opened = this.begin(m[3]!, Number(m[2]), m[4] ?? "");
      else this.finish(m[3]!, Number(m[2]));
    }
    const rest = line.slice(at);
    if (at === 0 || visible(rest)) this.text(rest, opened);
  }

  private text(raw: string, title: Section | null) {
    // As GitLab shows it, a carriage return clears what stood before it on its line; a progress bar that goes back to the
    // first column does the same.
    const shown = raw.replace(firstColumn, "\r").replace(/\r+$/, "").split("\r").pop() ?? "";
    const line = { number: ++this.count, spans: this.spans(shown) };
    if (title) title.title = line;
    else this.open.at(-1)!.parts.push(line);
  }

  private begin(name: string, started: number, options: string): Section {
    const has = (o: string) => options.split(",").includes(`${o}=true`);
    const section = { name, title: null, started, finished: null, collapsed: has("collapsed"), hideDuration: has("hide_duration"), parts: [] };
    this.open.at(-1)!.parts.push(section);
    this.open.push(section);
    return section;
  }

  private finish(name: string, finished: number) {
    const at = this.open.findLastIndex((s, i) => i > 0 && s.name === name);
    if (at < 0) return;
    this.open[at]!.finished = finished;
    this.open.length = at;
  }

  private spans(line: string): Span[] {
    const spans: Span[] = [];
    let at = 0;
    const push = (text: string) => text && spans.push({ text, style: { ...this.style } });
    for (const m of line.matchAll(escape)) {
      push(line.slice(at, m.index));
      at = m.index + m[0].length;
      if (m[2] === "m") this.sgr(m[1]!);
    }
    push(line.slice(at));
    return spans;
  }

  private sgr(codes: string) {
    const numbers = (codes || "0").split(";").map(Number);
    for (let i = 0; i < numbers.length; i++) {
      const n = numbers[i]!;
      if (n === 0) this.style = {};
      else if (n === 1) this.style.bold = true;
      else if (n === 3) this.style.italic = true;
      else if (n === 4) this.style.underline = true;
      else if (n === 22) delete this.style.bold;
      else if (n === 23) delete this.style.italic;
      else if (n === 24) delete this.style.underline;
      else if (n >= 30 && n <= 37) this.style.color = names[n - 30];
      else if (n === 39) delete this.style.color;
      else if (n >= 40 && n <= 47) this.style.background = names[n - 40];
      else if (n === 49) delete this.style.background;
      else if (n >= 90 && n <= 97) this.style.color = names[n - 90];
      else if (n === 38 || n === 48) i += numbers[i + 1] === 5 ? 2 : 4;
    }
  }
}
