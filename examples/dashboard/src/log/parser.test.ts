import assert from "node:assert/strict";
import test from "node:test";

import { type Line, Log, type Section } from "./parser";

const ESC = "\x1b[";
const start = (name: string, options = "") => `section_start:100:${name}${options}\r${ESC}0K`;
const end = (name: string) => `section_end:103:${name}\r${ESC}0K`;

const text = (line: Line | null) => line?.spans.map((s) => s.text).join("");
const isLine = (part: Line | Section): part is Line => "spans" in part;

// tree is a log as nested lists: a section is its title, or else its name, and what is in it.
type Tree = (string | [string, Tree])[];
const tree = (section: Section): Tree =>
  section.parts.map((part) => (isLine(part) ? text(part)! : [text(part.title) ?? part.name, tree(part)]));

function parse(...chunks: string[]): Log {
  const log = new Log();
  for (const chunk of chunks) log.append(chunk);
  log.end();
  return log;
}

test("lines are numbered from one, the last one without a line break too", () => {
  const { root } = parse("one\ntwo\n\nfour");
  assert.deepEqual(tree(root), ["one", "two", "", "four"]);
  assert.deepEqual(root.parts.filter(isLine).map((l) => l.number), [1, 2, 3, 4]);
});

test("a log reads the same wherever it is cut", () => {
  const log = `${start("build")}${ESC}36;1mBuilding${ESC}0;m\n${ESC}32mgreen${ESC}0m ü\nmore\n${end("build")}the end\n`;
  const whole = parse(log).root;
  for (let at = 1; at < log.length; at++) {
    assert.deepEqual(parse(log.slice(0, at), log.slice(at)).root, whole, `cut at ${at}`);
  }
});

test("sections nest, and have the title that stands behind their marker", () => {
  const log = parse(`before\n${start("outer")}Outer\nin it\n${start("inner", "[collapsed=true,hide_duration=true]")}Inner\ndeep\n${end("inner")}\n${end("outer")}\nafter\n`);
  assert.deepEqual(tree(log.root), ["before", ["Outer", ["in it", ["Inner", ["deep"]]]], "after"]);
  const outer = log.root.parts[1] as Section;
  const inner = outer.parts[1] as Section;
  assert.equal(outer.finished! - outer.started, 3);
  assert.deepEqual([outer.collapsed, inner.collapsed, inner.hideDuration], [false, true, true]);
});

test("a section that ends closes those that were left open in it, and one that nothing opened is ignored", () => {
  const log = parse(`${start("outer")}Outer\n${start("lost")}Lost\nline\n${end("outer")}\n${end("never")}\nafter\n`);
  assert.deepEqual(tree(log.root), [["Outer", [["Lost", ["line"]]]], "after"]);
});

test("the runner's time stamps are taken off, and its continuations join their line", () => {
  const at = "2026-03-02T12:43:46.963677Z 01O";
  const log = parse(`${at} a long\n${at}+ line\n${at} another\n`);
  assert.deepEqual(tree(log.root), ["a long line", "another"]);
});

test("a marker and a title that come as continuations open a section with its title", () => {
  const at = "2026-03-02T12:43:46.963677Z 00O";
  const log = parse(`${at} ${start("prepare")}\n${at}+${ESC}0K${ESC}36;1mPreparing${ESC}0;m\n${at} line\n${at} ${end("prepare")}\n${at}+${start("get")}\n${at}+Getting\n${at} more\n`);
  assert.deepEqual(tree(log.root), [["Preparing", ["line"]], ["Getting", ["more"]]]);
});

test("colours and styles go on until they are switched off, and unknown codes change nothing", () => {
  const { root } = parse(`${ESC}31;1mred\nstill ${ESC}39mplain${ESC}22m and thin${ESC}38;5;200m far ${ESC}48;2;1;2;3mout${ESC}999m${ESC}0m done\n`);
  const spans = root.parts.filter(isLine).flatMap((l) => l.spans);
  assert.deepEqual(
    spans.map((s) => [s.text, s.style.color ?? "", s.style.bold ?? false]),
    [["red", "red", true], ["still ", "red", true], ["plain", "", true], [" and thin", "", false], [" far ", "", false], ["out", "", false], [" done", "", false]],
  );
});

test("a carriage return clears its line, and other escapes are not shown", () => {
  assert.deepEqual(tree(parse(`10 %\r50 %\r100 %\r\n${ESC}2Kclean${ESC}1A\n${ESC}1G${ESC}0K[#..]${ESC}1G${ESC}0K[##.]\n`).root), ["100 %", "clean", "[##.]"]);
});
