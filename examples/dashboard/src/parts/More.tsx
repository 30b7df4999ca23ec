import { useEffect, useRef } from "react";

// More asks for the next page when it comes into view, or is pressed.
export function More({ fetching, onMore }: { fetching: boolean; onMore: () => void }) {
  const end = useRef<HTMLButtonElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    const button = end.current;
    if (!button) return;
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((e) => e.isIntersecting)) latest.current();
    }, { rootMargin: "400px" });
    seen.observe(button);
    return () => seen.disconnect();
  }, []);
  return (
    <button ref={end} type="button" className="quiet more" disabled={fetching} onClick={onMore}>
      {fetching ? "Loading …" : "More"}
    </button>
  );
}
