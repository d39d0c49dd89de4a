import { useEffect, useRef } from 'preact/hooks';
import { o } from './messages';

let shownBefore = false;

/** The heading of a page. Gets the focus when the page is changed, so that a screen reader goes on from there. */
export function Heading({ text }: { text: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${text} · ${o().name}`;
  }, [text]);
  useEffect(() => {
    if (shownBefore) heading.current?.focus({ preventScroll: true });
    shownBefore = true;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {text}
    </h1>
  );
}
