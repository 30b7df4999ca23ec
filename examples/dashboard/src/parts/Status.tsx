// Status shows a status by colour, shape and word, so that none of them is needed alone.
const shapes: Record<string, string> = {
  success: "M4.5 8.3l2.3 2.3 4.7-5",
  failed: "M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4",
  running: "M8 4.5V8l2.6 1.6",
  canceled: "M4.8 11.2l6.4-6.4",
  canceling: "M4.8 11.2l6.4-6.4",
  skipped: "M6 5l3.5 3L6 11M10.5 5v6",
  manual: "M6.5 5.2v5.6l4.3-2.8z",
  pending: "M6.3 5.5v5M9.7 5.5v5",
};

export function Status({ status, label = true }: { status: string; label?: boolean }) {
  const word = status.toLowerCase().replaceAll("_", " ");
  const shape = shapes[status.toLowerCase()] ?? "M5.5 8h.01M8 8h.01M10.5 8h.01";
  return (
    <span className={`status ${status.toLowerCase()}`}>
      <svg viewBox="0 0 16 16" width="16" height="16" role={label ? undefined : "img"} aria-hidden={label} aria-label={label ? undefined : word}>
        <circle cx="8" cy="8" r="7" />
        <path d={shape} />
      </svg>
      {label && <span>{word}</span>}
    </span>
  );
}
