// Package joblog reads GitLab job logs: bytes in, lines and sections out, in one pass.
//
// A [Parser] is fed the log in chunks of any size, cut anywhere, and hands what it finds to its
// collectors: the size, the raw bytes, plain text from either end, a page of lines, the sections.
// Several collectors share one pass, so one fetch of a log answers every selection of it. [Read]
// drives a parser from an io.Reader and stops as soon as every collector has what it needs, or at a
// limit.
//
// Memory does not grow with the log. The parser holds one line, and each collector has a bound of
// its own.
//
// # Lines
//
// A line ends at "\n" or at the end of the log; a log that ends in "\n" has no empty line after it.
// Lines are numbered from 1. A blank line is a line, but one of nothing but escape sequences and
// section markers is none.
//
// Since FF_TIMESTAMPS became the default, the runner puts a 32-byte header before each line:
//
//	2024-05-22T12:43:46.962646Z 01O+text
//
// a time, the number of the stream in hex, O for stdout or E for stderr, and "+" where the text
// continues the stream's previous line. Headers are looked for on each line, so logs with, without
// and with some headers all read right. A continuation joins the previous line of its own stream
// even where another stream wrote in between, as long as what came in between is short; a
// continuation whose beginning is gone is a line of its own. A joined line has the time of its
// first part.
//
// A line that a growing log ends in may be unfinished: it is not complete. Every line names a place
// before or at its end to read the log on from ([Resume]), with the number of the lines before it
// and the sections that are open there.
//
// # Text
//
// A "\r" that is not at the line's end clears the line, as in GitLab's own viewer, so a progress
// bar reads as it last looked. Otherwise the parser behaves within a line as a terminal one line
// high: backspace and the horizontal cursor sequences move, what follows overwrites, and the erase
// sequences erase. Each code point takes one column. Spaces that a rewritten line ends in are
// dropped, as when copying from a terminal.
//
// Text has no escape sequences and no control characters but the tab, and is valid UTF-8: each byte
// that is not becomes U+FFFD. ANSI is the text with its colours and styles, as SGR sequences in a
// canonical form, and nothing else; it stands alone: a style that an earlier line left on is
// switched on at its start, and all are off at its end.
//
// A line longer than 65,536 characters is cut there and ends in [CutMark].
//
// # Sections
//
// A marker is what GitLab says it is:
//
//	section_start:<unix seconds>:<name>[<option>=<value>,…]\r\e[0K
//	section_end:<unix seconds>:<name>\r\e[0K
//
// A marker is never part of a line. As in GitLab's own viewer it also ends a line: text before it
// is one line, text after it the next, both with the time of the line they share. Text after a
// start marker is the section's title, and its first line.
//
// The options collapsed and hide_duration are known: a viewer folds the section at first, and shows
// no duration.
//
// Sections nest. An end marker closes the innermost open section of its name, and with it those
// still open inside, which then have no finish time; an end without a start is ignored.
package joblog
